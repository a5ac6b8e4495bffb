//! Whose tokens does the API take besides its own keys? `[jwt]`, and what there makes no sense.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ConfigError;
use crate::tenant::Slug;

/// What `token_use` may be, and the word for a token without it.
const TOKEN_USES: [&str; 3] = ["access", "id", "none"];
/// A clock that is off by more than this has to be put right.
const LONGEST_LEEWAY: u64 = 300;

/// `[jwt]`: the issuer whose tokens are taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct JwtConfig {
    pub issuer: Option<String>,
    pub jwks_url: Option<String>,
    #[serde(default)]
    pub audiences: Vec<String>,
    pub token_use: Vec<String>,
    pub tenant_claim: String,
    #[serde(default)]
    pub client_tenants: BTreeMap<String, String>,
    pub groups_claim: String,
    pub scope_prefix: String,
    pub operator: bool,
    pub leeway_seconds: u64,
    pub token_bytes: usize,
    pub keys_seconds: u64,
    pub refetch_seconds: u64,
    pub fetch_seconds: u64,
}

/// Refuses what would let the wrong tokens in, or none at all.
pub(super) fn check_sense(jwt: &JwtConfig) -> Result<(), ConfigError> {
    let refuse = |key, reason: &str| Err(ConfigError::Senseless { key, reason: reason.to_owned() });
    for (key, url) in [("jwt.issuer", &jwt.issuer), ("jwt.jwks_url", &jwt.jwks_url)] {
        if url.as_deref().is_some_and(|url| !is_protected(url)) {
            return refuse(key, "must be an https:// address; http:// only of this machine");
        }
    }
    if jwt.issuer.is_none() && jwt.jwks_url.is_some() {
        return refuse("jwt.jwks_url", "is of no use without jwt.issuer");
    }
    if jwt.issuer.is_some() && jwt.audiences.is_empty() {
        return refuse(
            "jwt.audiences",
            "must name at least one: a token for another application is none for us",
        );
    }
    if let Some(strange) = jwt.token_use.iter().find(|word| !TOKEN_USES.contains(&word.as_str())) {
        return refuse("jwt.token_use", &format!("{strange:?} is none of access, id and none"));
    }
    for (client, slug) in &jwt.client_tenants {
        if let Err(error) = slug.parse::<Slug>() {
            return refuse("jwt.client_tenants", &format!("{client}: {error}"));
        }
    }
    if jwt.leeway_seconds > LONGEST_LEEWAY {
        return refuse("jwt.leeway_seconds", "must be at most 300: mend the clock instead");
    }
    for (key, value) in [
        ("jwt.token_bytes", jwt.token_bytes as u64),
        ("jwt.keys_seconds", jwt.keys_seconds),
        ("jwt.refetch_seconds", jwt.refetch_seconds),
        ("jwt.fetch_seconds", jwt.fetch_seconds),
    ] {
        if value == 0 {
            return refuse(key, "must be at least 1");
        }
    }
    Ok(())
}

/// Whether nobody on the way can change what comes from there: a changed key set lets anybody in.
pub(super) fn is_protected(url: &str) -> bool {
    let host = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
    match url.split_once("://") {
        Some(("https", rest)) => !host(rest).is_empty(),
        Some(("http", rest)) => {
            let host = host(rest);
            let name =
                if host.starts_with('[') { host.split_inclusive(']').next() } else { host.split(':').next() };
            matches!(name, Some("localhost" | "127.0.0.1" | "[::1]"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_protected;

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        for url in
            ["https://a.example/pool", "http://127.0.0.1:4566/x", "http://[::1]:80", "http://localhost"]
        {
            assert!(is_protected(url), "{url}");
        }
        for url in [
            "http://a.example",
            "http://127.0.0.1.a.example/",
            "https://",
            "a.example",
            "ftp://a",
            "http://localhost@a.example/",
        ] {
            assert!(!is_protected(url), "{url}");
        }
    }
}
