//! What is wrong with the settings? Always told with the key, and where the value came from.

use std::path::PathBuf;

use figment::error::Kind;

use super::table::SETTINGS;
use crate::job::in_plain_words;

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that `ESTEIRA_CONFIG` or `--config` names is not there.
    #[error("there is no settings file {}", .0.display())]
    NoFile(PathBuf),
    /// A file or a variable holds something that does not fit.
    #[error("{}", faults(.0))]
    Unfit(Box<figment::Error>),
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

impl From<figment::Error> for ConfigError {
    fn from(error: figment::Error) -> Self {
        Self::Unfit(Box::new(error))
    }
}

/// Each fault with its setting as the file writes it, and where it comes from.
fn faults(errors: &figment::Error) -> String {
    let told: Vec<String> = errors.clone().into_iter().map(|error| fault(&error)).collect();
    told.join("; ")
}

fn fault(error: &figment::Error) -> String {
    let mut key = error.path.join(".");
    if let Kind::UnknownField(name, _) = &error.kind
        && error.path.last() != Some(name)
    {
        key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
    }
    let source = error.metadata.as_ref().map(|metadata| match &metadata.source {
        Some(source) => format!(" (in {source})"),
        None => format!(" (in {})", metadata.name),
    });
    let source = source.unwrap_or_default();
    if key.is_empty() {
        return format!("the settings cannot be read{source}: {}", error.kind);
    }
    match &error.kind {
        Kind::UnknownField(..) => format!("there is no setting {key}{source}"),
        kind => format!("setting {key}{source}: {}", in_plain_words(&kind.to_string())),
    }
}

fn env_of(key: &str) -> &'static str {
    SETTINGS.iter().find(|setting| setting.key == key).map_or("its variable", |setting| setting.env)
}
