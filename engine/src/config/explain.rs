//! Which value does each setting have, and why? For `esteira config --explain`.

use std::path::PathBuf;

use figment::providers::{Format, Toml};
use figment::value::Value;
use figment::{Figment, Provider as _};

use super::ConfigError;
use super::load::Sources;
use super::table::{SETTINGS, Setting};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The TOML file.
    File(PathBuf),
    /// The setting's variable.
    Environment,
}

/// A setting with its present value.
#[derive(Debug)]
pub struct Explained {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value as text, `[secret]` for a secret, `None` where it is not set.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: Origin,
}

impl Sources {
    /// Every setting with its value.
    ///
    /// # Errors
    /// When the sources cannot be read; a value that does not fit is shown as it is.
    pub fn explain(&self) -> Result<Vec<Explained>, ConfigError> {
        let file = match &self.file {
            Some(path) => Figment::from(Toml::file_exact(path)),
            None => Figment::new(),
        };
        // A file that is no TOML holds no value to show.
        file.data()?;
        let defaults = Self::default().layered()?;
        let explain = |setting: &'static Setting| {
            let in_file = file.find_value(setting.key).ok().map(|value| text_of(&value));
            let (value, origin) = match (self.variables.get(setting.env), in_file, &self.file) {
                // As it is written: it may be one that does not fit.
                (Some(text), ..) => (Some(text.clone()), Origin::Environment),
                (None, Some(text), Some(path)) => (Some(text), Origin::File(path.clone())),
                _ => (defaults.find_value(setting.key).ok().map(|value| text_of(&value)), Origin::Default),
            };
            let show = |text: String| if setting.secret { "[secret]".to_owned() } else { text };
            Explained { setting, value: value.map(show), origin }
        };
        Ok(SETTINGS.iter().map(explain).collect())
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(_, text) => text.clone(),
        Value::Bool(_, flag) => flag.to_string(),
        Value::Num(_, number) => number
            .to_u128()
            .map(|number| number.to_string())
            .or_else(|| number.to_f64().map(|number| number.to_string()))
            .unwrap_or_default(),
        Value::Array(_, items) => items.iter().map(text_of).collect::<Vec<_>>().join(","),
        Value::Dict(_, entries) => {
            let pairs: Vec<String> =
                entries.iter().map(|(name, value)| format!("{name}={}", text_of(value))).collect();
            pairs.join(",")
        }
        Value::Char(_, c) => c.to_string(),
        Value::Empty(..) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_told_with_its_origin_and_secrets_stay_hidden() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("esteira.toml");
        std::fs::write(&path, "[api]\nlisten = \"0.0.0.0:80\"\n[s3]\nregion = \"us-east-1\"\n").unwrap();
        let variables = [("DATABASE_URL".to_owned(), "postgres://u:hunter2@h/d".to_owned())].into();
        let all = Sources { file: Some(path.clone()), variables, ..Sources::default() }.explain().unwrap();
        assert_eq!(all.len(), SETTINGS.len());
        let of = |key: &str| {
            let found = all.iter().find(|e| e.setting.key == key).unwrap();
            (found.value.clone(), found.origin.clone())
        };
        assert_eq!(of("database.url"), (Some("[secret]".to_owned()), Origin::Environment));
        assert_eq!(of("api.listen"), (Some("0.0.0.0:80".to_owned()), Origin::File(path)));
        assert_eq!(of("worker.lease_seconds"), (Some("10".to_owned()), Origin::Default));
        assert_eq!(of("s3.bucket"), (None, Origin::Default));
    }

    #[test]
    fn one_value_that_does_not_fit_hides_no_other() {
        let variables = [("ESTEIRA_WORKER_LEASE_SECONDS", "soon"), ("ESTEIRA_S3_BUCKET", "films")]
            .map(|(k, v)| (k.into(), v.into()));
        let all = Sources { variables: variables.into(), ..Sources::default() }.explain().unwrap();
        let of = |key: &str| all.iter().find(|e| e.setting.key == key).unwrap().value.clone();
        assert_eq!(of("worker.lease_seconds").as_deref(), Some("soon"));
        assert_eq!(of("s3.bucket").as_deref(), Some("films"));
        assert_eq!(of("api.listen").as_deref(), Some("127.0.0.1:8080"));
    }
}
