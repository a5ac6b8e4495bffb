//! How do the three sources become one [`Config`]? Laid over each other, then checked for sense.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::sense::check_sense;
use super::stranger::{Stranger, strangers};
use super::table::{Fallback, Form, SETTINGS, Setting};
use super::{Config, ConfigError};

/// The file that is read where nothing names another, if it is there.
const USUAL_FILE: &str = "esteira.toml";

/// Where settings come from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The TOML file, if there is one.
    pub file: Option<PathBuf>,
    /// The variables of the environment that are settings.
    pub variables: BTreeMap<String, String>,
    /// Variables that look like settings and are none, which nothing reads.
    pub strangers: Vec<Stranger>,
}

impl Sources {
    /// The sources of this process: `file`, else `ESTEIRA_CONFIG`, else `./esteira.toml`, and its environment.
    ///
    /// # Errors
    /// When a file that was named is not there.
    pub fn of_process(file: Option<&Path>) -> Result<Self, ConfigError> {
        let in_environment =
            || env::var_os("ESTEIRA_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
        let named = file.map(Path::to_owned).or_else(in_environment);
        let file = match named {
            Some(path) if path.is_file() => Some(path),
            Some(path) => return Err(ConfigError::NoFile(path)),
            None => Some(PathBuf::from(USUAL_FILE)).filter(|path| path.is_file()),
        };
        let variables = SETTINGS
            .iter()
            // An empty variable is how a compose file or a task definition says "not set".
            .filter_map(|s| Some((s.env.to_owned(), env::var(s.env).ok().filter(|text| !text.is_empty())?)))
            .collect();
        let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        Ok(Self { file, variables, strangers: strangers(names) })
    }

    /// The settings that these sources give.
    ///
    /// # Errors
    /// When one does not fit, named by its key and its source.
    pub fn load(&self) -> Result<Config, ConfigError> {
        let config: Config = self.layered()?.extract()?;
        check_sense(&config)?;
        Ok(config)
    }

    pub(super) fn layered(&self) -> Result<Figment, ConfigError> {
        let mut figment = Figment::from(Layer::defaults());
        if let Some(file) = &self.file {
            figment = figment.merge(Toml::file_exact(file));
        }
        Ok(figment.merge(Layer::variables(&self.variables)?))
    }
}

/// Values by key, under a name for error messages.
struct Layer {
    name: &'static str,
    values: Dict,
}

impl Layer {
    fn defaults() -> Self {
        let mut values = Dict::new();
        for setting in SETTINGS {
            match setting.default {
                Fallback::Unset => {}
                Fallback::Text(text) => put(&mut values, setting.key, text.into()),
                Fallback::Number(number) => put(&mut values, setting.key, number.into()),
                Fallback::Flag(flag) => put(&mut values, setting.key, flag.into()),
                Fallback::List(items) => put(&mut values, setting.key, items.to_vec().into()),
            }
        }
        Self { name: "the defaults", values }
    }

    fn variables(variables: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut values = Dict::new();
        for setting in SETTINGS {
            if let Some(text) = variables.get(setting.env) {
                put(&mut values, setting.key, parse(setting, text)?);
            }
        }
        Ok(Self { name: "the environment", values })
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

/// Puts a value under `section.name`, or under a bare `name`.
fn put(values: &mut Dict, key: &str, value: Value) {
    match key.split_once('.') {
        None => drop(values.insert(key.to_owned(), value)),
        Some((section, name)) => {
            let entry = values.entry(section.to_owned()).or_insert_with(|| Dict::new().into());
            if let Value::Dict(_, inner) = entry {
                inner.insert(name.to_owned(), value);
            }
        }
    }
}

/// The value that a variable's text stands for.
fn parse(setting: &Setting, text: &str) -> Result<Value, ConfigError> {
    let unfit = |expected| ConfigError::BadVariable {
        env: setting.env,
        key: setting.key,
        text: if setting.secret { "…".to_owned() } else { text.to_owned() },
        expected,
    };
    let items = || text.split(',').map(str::trim).filter(|item| !item.is_empty());
    match setting.form {
        Form::Text => Ok(text.into()),
        Form::Number => text.parse::<u64>().map(Value::from).map_err(|_| unfit("a whole number")),
        Form::Days => match text {
            "forever" => Ok(text.into()),
            _ => {
                text.parse::<u64>().map(Value::from).map_err(|_| unfit("a whole number of days, or forever"))
            }
        },
        Form::Flag => match text {
            "true" | "1" => Ok(true.into()),
            "false" | "0" => Ok(false.into()),
            _ => Err(unfit("true or false")),
        },
        Form::List => Ok(items().map(Value::from).collect::<Vec<_>>().into()),
        Form::Counts => {
            let mut counts = Dict::new();
            for item in items() {
                let pair =
                    item.split_once('=').and_then(|(name, count)| Some((name, count.parse::<u64>().ok()?)));
                let (name, count) = pair.ok_or_else(|| unfit("name=number, with commas between"))?;
                counts.insert(name.to_owned(), count.into());
            }
            Ok(counts.into())
        }
        Form::Pairs => {
            let mut pairs = Dict::new();
            for item in items() {
                let pair = item.split_once('=').filter(|(name, text)| !name.is_empty() && !text.is_empty());
                let (name, text) = pair.ok_or_else(|| unfit("name=text, with commas between"))?;
                pairs.insert(name.to_owned(), text.into());
            }
            Ok(pairs.into())
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::config) fn with(variables: &[(&str, &str)], toml: &str) -> Result<Config, String> {
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        let path = dir.path().join("esteira.toml");
        std::fs::write(&path, toml).map_err(|e| e.to_string())?;
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Sources { file: Some(path), variables, ..Sources::default() }.load().map_err(|e| e.to_string())
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let toml =
            "[worker]\nlease_seconds = 60\npoll_ms = 2000\n[worker.concurrency]\n\"video.generate\" = 2\n";
        let config = with(&[("ESTEIRA_WORKER_POLL_MS", "3000")], toml).unwrap();
        assert_eq!(
            (config.worker.lease_seconds, config.worker.poll_ms, config.worker.heartbeat_seconds),
            (60, 3000, 3)
        );
        assert_eq!((config.concurrency("video.generate"), config.concurrency("report.generate")), (2, 1));
    }

    #[test]
    fn a_variable_of_counts_is_read() {
        let config =
            with(&[("ESTEIRA_WORKER_CONCURRENCY", "video.generate=1, document.extract=4")], "").unwrap();
        assert_eq!(config.concurrency("document.extract"), 4);
    }

    #[test]
    fn a_text_of_digits_stays_a_text() {
        let config = with(&[("ESTEIRA_S3_BUCKET", "2026")], "").unwrap();
        assert_eq!(config.s3.bucket.as_deref(), Some("2026"));
    }

    #[test]
    fn an_unknown_key_of_the_file_is_refused_by_name() {
        let error = with(&[], "[worker]\nlease_second = 3\n").unwrap_err();
        assert!(error.starts_with("there is no setting worker.lease_second (in "), "{error}");
        assert!(error.contains("esteira.toml"), "{error}");
        let error = with(&[], "[kinds.\"video.generate\".resources]\nmemory = 3\n").unwrap_err();
        assert!(error.contains("memory"), "{error}");
    }

    #[test]
    fn a_value_of_the_wrong_form_is_told_with_its_variable() {
        let error = with(&[("ESTEIRA_WORKER_LEASE_SECONDS", "soon")], "").unwrap_err();
        assert!(error.contains("ESTEIRA_WORKER_LEASE_SECONDS") && error.contains("soon"), "{error}");
        let error = with(&[("ESTEIRA_LISTEN", "everywhere")], "").unwrap_err();
        assert!(
            error.starts_with("setting api.listen (in the environment): \"everywhere\" is no address"),
            "{error}"
        );
        let error = with(&[("ESTEIRA_SANDBOX", "off")], "").unwrap_err();
        assert!(error.contains("require"), "{error}");
    }

    #[test]
    fn the_table_and_the_structs_name_the_same_settings() {
        // Every value of the table, so that a key without a field is refused as unknown …
        let all: Vec<(&str, &str)> = SETTINGS
            .iter()
            .map(|setting| match (setting.key, setting.form) {
                ("api.listen" | "metrics.listen", _) => (setting.env, "127.0.0.1:1"),
                ("sandbox.mode", _) => (setting.env, "require"),
                (
                    "jwt.issuer"
                    | "jwt.jwks_url"
                    | "console.authorize_url"
                    | "console.token_url"
                    | "api.cors_origins"
                    | "search.opensearch_url"
                    | "traces.otlp_endpoint",
                    _,
                ) => (setting.env, "https://a.example"),
                ("jwt.token_use" | "console.token", _) => (setting.env, "id"),
                (_, Form::Pairs) => (setting.env, "client=acme"),
                ("log.format", _) => (setting.env, "json"),
                ("worker.work_dir", _) => (setting.env, "/tmp"),
                ("webhooks.ports", _) => (setting.env, "443"),
                ("mail.url", _) => (setting.env, "smtp://localhost:25"),
                ("mail.from", _) => (setting.env, "a@example.com"),
                ("mail.locale", _) => (setting.env, "en-US"),
                ("mail.link_hours", _) => (setting.env, "168"),
                ("operator_key", _) => (setting.env, "est_0123456789012345678901234567890123456789012"),
                ("worker.lease_seconds", _) => (setting.env, "600"),
                ("schedules.lease_seconds", _) => (setting.env, "100"),
                ("api.upload_hours", _) => (setting.env, "168"),
                ("inputs.http_redirects", _) => (setting.env, "20"),
                ("traces.sample_percent", _) => (setting.env, "100"),
                (_, Form::Number) => (setting.env, "200"),
                (_, Form::Days) => (setting.env, "forever"),
                (_, Form::Flag) => (setting.env, "true"),
                (_, Form::Counts) => (setting.env, "a=1"),
                (_, Form::Text | Form::List) => (setting.env, "x"),
            })
            .collect();
        with(&all, "").unwrap();
        // … and none of them, so that a field without a default in the table is missed.
        with(&[], "").unwrap();
    }
}
