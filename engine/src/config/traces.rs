//! `[traces]`: where are traces sent, and how many?

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ConfigError, Secret};

/// `[traces]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct TracesConfig {
    pub otlp_endpoint: Option<String>,
    pub otlp_authorization: Option<Secret>,
    pub sample_percent: u64,
    pub trust_callers: bool,
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

pub(super) fn check_sense(traces: &TracesConfig) -> Result<(), ConfigError> {
    if traces.sample_percent > 100 {
        let reason = "must be between 0 and 100".to_owned();
        return Err(ConfigError::Senseless { key: "traces.sample_percent", reason });
    }
    let Some(endpoint) = &traces.otlp_endpoint else { return Ok(()) };
    match url::Url::parse(endpoint) {
        Ok(url) if ["http", "https"].contains(&url.scheme()) && url.has_host() => Ok(()),
        _ => Err(ConfigError::Senseless {
            key: "traces.otlp_endpoint",
            reason: format!("{endpoint:?} is no address such as http://127.0.0.1:4318"),
        }),
    }
}
