//! Which value does each setting have, and why? For `esteira config --explain`.

use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::Value;

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
        let all = self.layered()?;
        let file = match &self.file {
            Some(path) => Figment::from(Toml::file_exact(path)),
            None => Figment::new(),
        };
        let explain = |setting: &'static Setting| {
            let value = all.find_value(setting.key).ok();
            let origin = match &self.file {
                _ if self.variables.contains_key(setting.env) => Origin::Environment,
                Some(path) if file.contains(setting.key) => Origin::File(path.clone()),
                _ => Origin::Default,
            };
            let show = |value: Value| if setting.secret { "[secret]".to_owned() } else { text_of(&value) };
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
        let all = Sources { file: Some(path.clone()), variables }.explain().unwrap();
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
}
