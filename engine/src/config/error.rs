//! What is wrong with the settings? Always told with the key, and where the value came from.

use std::path::PathBuf;

use super::table::SETTINGS;

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that `ESTEIRA_CONFIG` or `--config` names is not there.
    #[error("there is no settings file {}", .0.display())]
    NoFile(PathBuf),
    /// A file or a variable holds something that does not fit.
    #[error("failed to read the settings: {0}")]
    Unfit(#[from] Box<figment::Error>),
    /// A variable's text has not the form of its setting.
    #[error("{env} (setting {key}) is {text:?}, and should be {expected}")]
    BadVariable {
        /// The variable.
        env: &'static str,
        /// The setting.
        key: &'static str,
        /// What it holds; `…` for a secret.
        text: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// A value has the right form and no meaning.
    #[error("setting {key}: {reason}")]
    Senseless {
        /// The setting.
        key: &'static str,
        /// Why it cannot be.
        reason: String,
    },
    /// A setting that this role needs has no value.
    #[error("setting {key} is missing: set {} or write it into the settings file", env_of(key))]
    Missing {
        /// The setting.
        key: &'static str,
    },
}

fn env_of(key: &str) -> &'static str {
    SETTINGS.iter().find(|setting| setting.key == key).map_or("its variable", |setting| setting.env)
}
