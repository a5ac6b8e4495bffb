//! How do people sign in at the console, besides by API keys? `[console]`, and what there makes no sense.

use serde::Deserialize;

use super::jwt::is_protected;
use super::{ConfigError, JwtConfig};

/// Which of the tokens that an issuer gives is shown to the API.
const TOKENS: [&str; 2] = ["id", "access"];

/// `[console]`: the application of the OIDC issuer that the web page of `/console` is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct ConsoleConfig {
    pub client_id: Option<String>,
    pub authorize_url: Option<String>,
    pub token_url: Option<String>,
    pub scope: String,
    pub token: String,
}

/// Refuses half of it, and addresses at which codes and tokens could be read on their way.
pub(super) fn check_sense(console: &ConsoleConfig, jwt: &JwtConfig) -> Result<(), ConfigError> {
    let refuse = |key, reason: &str| Err(ConfigError::Senseless { key, reason: reason.to_owned() });
    if !TOKENS.contains(&console.token.as_str()) {
        return refuse("console.token", &format!("{:?} is neither id nor access", console.token));
    }
    let parts = [
        ("console.client_id", &console.client_id),
        ("console.authorize_url", &console.authorize_url),
        ("console.token_url", &console.token_url),
    ];
    if parts.iter().all(|(_, part)| part.is_none()) {
        return Ok(());
    }
    if let Some((key, _)) = parts.iter().find(|(_, part)| part.is_none()) {
        return refuse(*key, "console.client_id, console.authorize_url and console.token_url come together");
    }
    if jwt.issuer.is_none() {
        return refuse("console.client_id", "is of no use without jwt.issuer");
    }
    for (key, url) in parts.iter().skip(1) {
        if url.as_deref().is_some_and(|url| !is_protected(url) || url.contains([';', ',', ' ', '#'])) {
            return refuse(*key, "must be an https:// address; http:// only of this machine");
        }
    }
    Ok(())
}
