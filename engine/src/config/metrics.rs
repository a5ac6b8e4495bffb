//! `[metrics]`: where are the numbers told, and how much is there to count?

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

use super::{ConfigError, address};
use crate::metrics::{EmfOptions, Limits};
use crate::overview::OverviewOptions;

/// The word for no listener at all.
const OFF: &str = "off";

/// `[metrics]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct MetricsConfig {
    pub listen: Option<String>,
    pub tenants: usize,
    pub window_minutes: u64,
    pub look_seconds: u64,
    pub starved_seconds: u64,
    pub emf_seconds: u64,
    pub emf_namespace: String,
    #[serde(default)]
    pub emf_names: Vec<String>,
}

/// Where a process tells its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsListen {
    /// Nowhere.
    Off,
    /// Here.
    At(SocketAddr),
    /// Nobody has said: at the usual port of this machine, or at any that is free.
    Usual,
}

impl MetricsConfig {
    /// Where they are told.
    ///
    /// # Errors
    /// When the setting is no address.
    pub fn listen(&self) -> Result<MetricsListen, ConfigError> {
        match self.listen.as_deref() {
            None => Ok(MetricsListen::Usual),
            Some(OFF) => Ok(MetricsListen::Off),
            Some(text) => address::parse(text).map(MetricsListen::At).map_err(|reason| {
                ConfigError::Senseless { key: "metrics.listen", reason: format!("{reason}, or off") }
            }),
        }
    }

    /// How much there may be to count.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            tenants: self.tenants,
            window: Duration::from_secs(self.window_minutes.saturating_mul(60)),
            ..Limits::default()
        }
    }

    /// What is sent to CloudWatch, if anything is.
    #[must_use]
    pub fn emf(&self) -> Option<EmfOptions> {
        (self.emf_seconds > 0).then(|| EmfOptions {
            every: Duration::from_secs(self.emf_seconds),
            namespace: self.emf_namespace.clone(),
            names: self.emf_names.clone(),
        })
    }

    /// How the whole is looked at.
    #[must_use]
    pub fn overview(&self) -> OverviewOptions {
        OverviewOptions {
            every: Duration::from_secs(self.look_seconds),
            starved_after: Duration::from_secs(self.starved_seconds),
            window: self.limits().window,
        }
    }
}

pub(super) fn check_sense(metrics: &MetricsConfig) -> Result<(), ConfigError> {
    metrics.listen()?;
    for (key, value, least, most) in [
        ("metrics.tenants", metrics.tenants as u64, 0, 1_000),
        ("metrics.window_minutes", metrics.window_minutes, 1, 1_440),
        ("metrics.look_seconds", metrics.look_seconds, 1, 600),
        ("metrics.starved_seconds", metrics.starved_seconds, 1, 604_800),
        ("metrics.emf_seconds", metrics.emf_seconds, 0, 3_600),
    ] {
        if !(least..=most).contains(&value) {
            return Err(ConfigError::Senseless {
                key,
                reason: format!("must be between {least} and {most}"),
            });
        }
    }
    Ok(())
}
