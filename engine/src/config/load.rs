//! How do the three sources become one [`Config`]? Laid over each other, then checked for sense.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::stranger::{Stranger, strangers};
use super::table::{Fallback, Form, SETTINGS, Setting};
use super::{Config, ConfigError, WebhooksConfig, jwt};

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

fn check_sense(config: &Config) -> Result<(), ConfigError> {
    let refuse = |key, reason: &str| Err(ConfigError::Senseless { key, reason: reason.to_owned() });
    let worker = &config.worker;
    if config.database.pool_size == 0 {
        return refuse("database.pool_size", "a process needs at least one connection");
    }
    if worker.heartbeat_seconds == 0 || worker.heartbeat_seconds * 3 > worker.lease_seconds {
        return refuse(
            "worker.heartbeat_seconds",
            "must be at least 1 and at most a third of worker.lease_seconds",
        );
    }
    if worker.poll_ms < 100 {
        return refuse(
            "worker.poll_ms",
            "must be at least 100: a fleet of idle workers must not load the database",
        );
    }
    if worker.cancel_poll_ms < 100 {
        return refuse("worker.cancel_poll_ms", "must be at least 100: each look is a query");
    }
    if config.database.acquire_seconds == 0 {
        return refuse("database.acquire_seconds", "must be at least 1: no connection comes in no time");
    }
    if worker.work_dir.as_ref().is_some_and(|dir| !dir.is_absolute()) {
        return refuse("worker.work_dir", "must be an absolute path");
    }
    for (key, value) in [
        ("database.tenants_a_connection", config.database.tenants_a_connection as u64),
        ("migrate.connections", config.migrate.connections as u64),
        ("migrate.lock_ms", config.migrate.lock_ms),
        ("migrate.tries", u64::from(config.migrate.tries)),
    ] {
        if value == 0 {
            return refuse(key, "must be at least 1");
        }
    }
    if i32::try_from(config.migrate.lock_ms).is_err() {
        return refuse("migrate.lock_ms", "must be at most 2147483647, as Postgres has it");
    }
    if !(1..=10_000).contains(&config.api.batch_jobs) {
        return refuse("api.batch_jobs", "must be between 1 and 10000");
    }
    let retention = &config.retention;
    for (key, days) in [
        ("retention.jobs_days", retention.jobs_days),
        ("retention.uploads_days", retention.uploads_days),
        ("retention.deliveries_days", retention.deliveries_days),
    ] {
        if let Some(reason) = days.fault() {
            return refuse(key, reason);
        }
    }
    for (key, value) in [
        ("retention.idempotency_hours", retention.idempotency_hours),
        ("retention.prune_minutes", retention.prune_minutes),
        ("retention.batch_rows", u64::from(retention.batch_rows)),
        ("retention.sweep_hours", retention.sweep_hours),
    ] {
        if value == 0 {
            return refuse(key, "must be at least 1");
        }
    }
    if retention.idempotency_hours > 8_760 {
        return refuse("retention.idempotency_hours", "must be at most 8760, a year");
    }
    if !(1..=168).contains(&config.api.upload_hours) {
        return refuse("api.upload_hours", "must be between 1 and 168: S3 signs links for a week at most");
    }
    if !(1..=5 << 40).contains(&config.api.upload_bytes) {
        return refuse("api.upload_bytes", "must be between 1 and 5 TiB, the largest object of S3");
    }
    // An attempt may take a day and its upload some minutes more; a client's upload as long as a request.
    if retention.orphan_hours < 25 || retention.orphan_hours <= config.api.long_request_seconds.div_ceil(3600)
    {
        return refuse(
            "retention.orphan_hours",
            "must be at least 25, and more than api.long_request_seconds",
        );
    }
    if config.api.tls_certificate.is_some() != config.api.tls_key.is_some() {
        return refuse(
            "api.tls_certificate",
            "api.tls_certificate and api.tls_key come together or not at all",
        );
    }
    if config.api.tls_reload_seconds == 0 {
        return refuse("api.tls_reload_seconds", "must be at least 1");
    }
    if let Some(strange) = config.api.cors_origins.iter().find(|origin| !is_origin(origin)) {
        return refuse(
            "api.cors_origins",
            &format!("{strange:?} is no origin: write https://app.example.com, without a path, or *"),
        );
    }
    jwt::check_sense(&config.jwt)?;
    check_webhooks(&config.webhooks)?;
    if config.s3.prefix.contains("tenants/") {
        return refuse(
            "s3.prefix",
            "must not contain tenants/, which is where each Esteira keeps its objects",
        );
    }
    if config.s3.access_key.is_some() != config.s3.secret_key.is_some() {
        return refuse("s3.access_key", "s3.access_key and s3.secret_key come together or not at all");
    }
    if let Some(key) = &config.operator_key
        && !(key.expose().starts_with("est_") && key.expose().len() >= 47)
    {
        return refuse("operator_key", "must be est_ and at least 43 characters more");
    }
    Ok(())
}

/// Whether a browser could send this text as `Origin`.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_host = |host: &str| {
        let part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b);
        !host.is_empty() && host.bytes().all(part)
    };
    text == "*" || host.is_some_and(is_host)
}

fn check_webhooks(webhooks: &WebhooksConfig) -> Result<(), ConfigError> {
    webhooks.urls()?;
    let refuse = |key, reason: &str| Err(ConfigError::Senseless { key, reason: reason.to_owned() });
    for (key, value) in [
        ("webhooks.places", webhooks.places as u64),
        ("webhooks.places_per_tenant", webhooks.places_per_tenant as u64),
        ("webhooks.places_per_webhook", u64::from(webhooks.places_per_webhook)),
        ("webhooks.timeout_seconds", webhooks.timeout_seconds),
        ("webhooks.retry_hours", webhooks.retry_hours),
        ("webhooks.failures_to_open", u64::from(webhooks.failures_to_open)),
        ("webhooks.open_seconds", webhooks.open_seconds),
    ] {
        if value == 0 {
            return refuse(key, "must be at least 1");
        }
    }
    if webhooks.poll_ms < 100 {
        return refuse("webhooks.poll_ms", "must be at least 100: each look is two statements");
    }
    for (key, value, most) in [
        ("webhooks.places", webhooks.places as u64, 10_000),
        ("webhooks.timeout_seconds", webhooks.timeout_seconds, 300),
        ("webhooks.answer_bytes", webhooks.answer_bytes as u64, 65_536),
        ("webhooks.retry_hours", webhooks.retry_hours, 720),
        ("webhooks.old_secret_hours", webhooks.old_secret_hours, 720),
        ("webhooks.longest_open_seconds", webhooks.longest_open_seconds, 86_400),
    ] {
        if value > most {
            return refuse(key, &format!("must be at most {most}"));
        }
    }
    if webhooks.longest_open_seconds < webhooks.open_seconds {
        return refuse("webhooks.longest_open_seconds", "must be at least webhooks.open_seconds");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::Retention;

    fn with(variables: &[(&str, &str)], toml: &str) -> Result<Config, String> {
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
    fn a_heartbeat_too_slow_for_its_lease_is_refused() {
        let error = with(&[("ESTEIRA_WORKER_LEASE_SECONDS", "6")], "").unwrap_err();
        assert!(error.contains("worker.heartbeat_seconds"), "{error}");
    }

    #[test]
    fn a_migration_that_could_never_get_a_lock_or_a_connection_is_refused() {
        for (variable, key) in [
            ("ESTEIRA_MIGRATE_CONNECTIONS", "migrate.connections"),
            ("ESTEIRA_MIGRATE_LOCK_MS", "migrate.lock_ms"),
            ("ESTEIRA_MIGRATE_TRIES", "migrate.tries"),
            ("ESTEIRA_DATABASE_TENANTS_A_CONNECTION", "database.tenants_a_connection"),
        ] {
            let error = with(&[(variable, "0")], "").unwrap_err();
            assert!(error.contains(key), "{error}");
        }
        let error = with(&[("ESTEIRA_MIGRATE_LOCK_MS", "3000000000")], "").unwrap_err();
        assert!(error.contains("migrate.lock_ms"), "{error}");
    }

    #[test]
    fn a_link_that_s3_would_not_sign_is_refused_at_the_start() {
        for hours in ["0", "169"] {
            let error = with(&[("ESTEIRA_API_UPLOAD_HOURS", hours)], "").unwrap_err();
            assert!(error.contains("api.upload_hours"), "{error}");
        }
    }

    #[test]
    fn a_retention_is_days_or_forever_and_never_none() {
        let config =
            with(&[("ESTEIRA_RETENTION_JOBS_DAYS", "forever")], "[retention]\nuploads_days = 7\n").unwrap();
        assert_eq!(
            (config.retention.jobs_days, config.retention.uploads_days),
            (Retention::Forever, Retention::Days(7))
        );
        let error = with(&[], "[retention]\njobs_days = 0\n").unwrap_err();
        assert!(error.contains("retention.jobs_days"), "{error}");
        let error = with(&[("ESTEIRA_RETENTION_ORPHAN_HOURS", "24")], "").unwrap_err();
        assert!(error.contains("retention.orphan_hours"), "{error}");
    }

    #[test]
    fn an_issuer_comes_with_whom_its_tokens_must_be_for() {
        let issuer = ("ESTEIRA_JWT_ISSUER", "https://a.example/pool");
        let audiences = ("ESTEIRA_JWT_AUDIENCES", "app, other");
        for (variables, key) in [
            (vec![issuer], "jwt.audiences"),
            (vec![("ESTEIRA_JWT_ISSUER", "http://a.example")], "jwt.issuer"),
            (vec![("ESTEIRA_JWT_JWKS_URL", "https://a.example")], "jwt.jwks_url"),
            (vec![issuer, audiences, ("ESTEIRA_JWT_TOKEN_USE", "refresh")], "jwt.token_use"),
            (vec![issuer, audiences, ("ESTEIRA_JWT_CLIENT_TENANTS", "m2m=No Slug")], "jwt.client_tenants"),
            (vec![issuer, audiences, ("ESTEIRA_JWT_CLIENT_TENANTS", "m2m")], "jwt.client_tenants"),
            (vec![issuer, audiences, ("ESTEIRA_JWT_LEEWAY_SECONDS", "301")], "jwt.leeway_seconds"),
        ] {
            let error = with(&variables, "").unwrap_err();
            assert!(error.contains(key), "{error}");
        }
        let config = with(&[issuer, audiences, ("ESTEIRA_JWT_CLIENT_TENANTS", "m2m=acme")], "").unwrap().jwt;
        assert_eq!(config.audiences, ["app", "other"]);
        assert_eq!(config.token_use, ["access", "id"]);
        assert_eq!(config.client_tenants["m2m"], "acme");
    }

    #[test]
    fn a_door_that_would_not_open_is_refused() {
        for (variable, text, key) in [
            ("ESTEIRA_API_TLS_KEY", "/key.pem", "api.tls_certificate"),
            ("ESTEIRA_API_TLS_RELOAD_SECONDS", "0", "api.tls_reload_seconds"),
            ("ESTEIRA_API_CORS_ORIGINS", "app.example", "api.cors_origins"),
            ("ESTEIRA_API_CORS_ORIGINS", "https://app.example/", "api.cors_origins"),
            ("ESTEIRA_API_CORS_ORIGINS", "https://App.example", "api.cors_origins"),
        ] {
            let error = with(&[(variable, text)], "").unwrap_err();
            assert!(error.contains(key), "{error}");
        }
        with(&[("ESTEIRA_API_CORS_ORIGINS", "https://app.example:8443,http://localhost:3000")], "").unwrap();
    }

    #[test]
    fn where_webhooks_may_lead_is_read_or_refused_by_its_setting() {
        let config =
            with(&[("ESTEIRA_WEBHOOKS_ALLOWED_HOSTS", "hooks.internal:8080, 10.0.0.7")], "").unwrap();
        let urls = config.webhooks.urls().unwrap();
        assert!(urls.check("https://10.0.0.7:9/").is_ok() && urls.check("https://10.0.0.8/").is_err());
        for (variable, text, key) in [
            ("ESTEIRA_WEBHOOKS_ALLOWED_HOSTS", "http://x", "webhooks.allowed_hosts"),
            ("ESTEIRA_WEBHOOKS_PORTS", "443,https", "webhooks.ports"),
            ("ESTEIRA_WEBHOOKS_PLACES", "0", "webhooks.places"),
            ("ESTEIRA_WEBHOOKS_TIMEOUT_SECONDS", "301", "webhooks.timeout_seconds"),
        ] {
            let error = with(&[(variable, text)], "").unwrap_err();
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn the_table_and_the_structs_name_the_same_settings() {
        // Every value of the table, so that a key without a field is refused as unknown …
        let all: Vec<(&str, &str)> = SETTINGS
            .iter()
            .map(|setting| match (setting.key, setting.form) {
                ("api.listen", _) => (setting.env, "127.0.0.1:1"),
                ("sandbox.mode", _) => (setting.env, "require"),
                ("jwt.issuer" | "jwt.jwks_url" | "api.cors_origins", _) => (setting.env, "https://a.example"),
                ("jwt.token_use", _) => (setting.env, "id"),
                (_, Form::Pairs) => (setting.env, "client=acme"),
                ("log.format", _) => (setting.env, "json"),
                ("worker.work_dir", _) => (setting.env, "/tmp"),
                ("webhooks.ports", _) => (setting.env, "443"),
                ("operator_key", _) => (setting.env, "est_0123456789012345678901234567890123456789012"),
                ("worker.lease_seconds", _) => (setting.env, "600"),
                ("api.upload_hours", _) => (setting.env, "168"),
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
