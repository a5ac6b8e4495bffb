//! `[search]`: how documents are searched, and which search server outside is told of them.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::{ConfigError, Secret};
use crate::document::sink::SinkOptions;

/// `[search]`: how documents are searched, and which search server outside is told of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct SearchConfig {
    pub timeout_ms: u64,
    pub question_characters: usize,
    pub document_bytes: u64,
    pub document_passages: u32,
    pub opensearch_url: Option<Secret>,
    pub opensearch_user: Option<String>,
    pub opensearch_password: Option<Secret>,
    pub opensearch_prefix: String,
    pub opensearch_bulk_bytes: usize,
    pub opensearch_timeout_seconds: u64,
    pub opensearch_longest_pause_seconds: u64,
}

impl SearchConfig {
    /// The search server, if there is one.
    ///
    /// # Errors
    /// The setting that cannot be read, and why.
    pub fn sink(&self) -> Result<Option<SinkOptions>, ConfigError> {
        let Some(url) = &self.opensearch_url else { return Ok(None) };
        let senseless = |reason: &str| ConfigError::Senseless {
            key: "search.opensearch_url",
            reason: format!("{reason}; write it as in https://search.internal:9200"),
        };
        let url: Url = url.expose().parse().map_err(|_| senseless("it is no URL"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(senseless("it is no URL of http or https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(senseless("user and password have settings of their own"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(senseless("it may have a path, and nothing behind"));
        }
        let login = self.opensearch_user.clone().zip(self.opensearch_password.as_ref());
        Ok(Some(SinkOptions {
            login: login.map(|(user, password)| (user, password.expose().to_owned())),
            prefix: self.opensearch_prefix.clone(),
            timeout: Duration::from_secs(self.opensearch_timeout_seconds),
            bulk_bytes: self.opensearch_bulk_bytes,
            longest_pause: Duration::from_secs(self.opensearch_longest_pause_seconds),
            ..SinkOptions::new(url)
        }))
    }
}

pub(super) fn check_sense(search: &SearchConfig) -> Result<(), ConfigError> {
    let refuse = |key, reason: &str| Err(ConfigError::Senseless { key, reason: reason.to_owned() });
    for (key, value) in [
        ("search.timeout_ms", search.timeout_ms),
        ("search.question_characters", search.question_characters as u64),
        ("search.opensearch_timeout_seconds", search.opensearch_timeout_seconds),
        ("search.opensearch_longest_pause_seconds", search.opensearch_longest_pause_seconds),
    ] {
        if value == 0 {
            return refuse(key, "must be at least 1");
        }
    }
    if i32::try_from(search.timeout_ms).is_err() {
        return refuse("search.timeout_ms", "must be at most 2147483647, as Postgres has it");
    }
    if i32::try_from(search.document_passages).is_err() {
        return refuse("search.document_passages", "must be at most 2147483647");
    }
    if search.opensearch_user.is_some() != search.opensearch_password.is_some() {
        return refuse(
            "search.opensearch_user",
            "search.opensearch_user and search.opensearch_password come together or not at all",
        );
    }
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    let prefix = search.opensearch_prefix.as_bytes();
    if prefix.len() > 100
        || !prefix.iter().all(|b| fits(*b))
        || prefix.first().is_none_or(|b| matches!(b, b'-' | b'_'))
    {
        return refuse(
            "search.opensearch_prefix",
            "must be small letters, digits, - and _, and begin with a letter or a digit",
        );
    }
    search.sink().map(drop)
}

#[cfg(test)]
mod tests {
    use crate::config::load::tests::with;

    #[test]
    fn a_search_server_is_read_or_refused_by_its_setting() {
        assert!(with(&[], "").unwrap().search.sink().unwrap().is_none());
        let url = ("ESTEIRA_OPENSEARCH_URL", "https://search.internal:9200");
        let login = [("ESTEIRA_OPENSEARCH_USER", "me"), ("ESTEIRA_OPENSEARCH_PASSWORD", "secret")];
        let sink = with(&[url, login[0], login[1]], "").unwrap().search.sink().unwrap().unwrap();
        assert_eq!(sink.login, Some(("me".to_owned(), "secret".to_owned())));
        assert!(!format!("{sink:?}").contains("secret"));
        for (variable, text, key) in [
            ("ESTEIRA_OPENSEARCH_URL", "search.internal:9200", "search.opensearch_url"),
            ("ESTEIRA_OPENSEARCH_URL", "https://me:secret@search.internal", "search.opensearch_url"),
            ("ESTEIRA_OPENSEARCH_USER", "me", "search.opensearch_user"),
            ("ESTEIRA_OPENSEARCH_PREFIX", "Esteira-", "search.opensearch_prefix"),
            ("ESTEIRA_SEARCH_TIMEOUT_MS", "0", "search.timeout_ms"),
        ] {
            let error = with(&[(variable, text)], "").unwrap_err();
            assert!(error.contains(key) && !error.contains("secret"), "{error}");
        }
    }
}
