//! Does a value make sense, by itself and beside the others? What does not is refused at the start, by its key.

use std::time::Duration;

use super::{
    Config, ConfigError, InputsConfig, MailConfig, SchedulesConfig, WebhooksConfig, console, jwt, metrics,
    search, traces,
};

pub(super) fn check_sense(config: &Config) -> Result<(), ConfigError> {
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
    if worker.poll_ms > worker.lease_seconds.saturating_mul(1_000) {
        return refuse(
            "worker.poll_ms",
            "must be at most worker.lease_seconds: that is when silent workers are looked for",
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
    for (key, value, most) in [
        ("api.stream_seconds", config.api.stream_seconds, 86_400),
        ("api.stream_keep_alive_seconds", config.api.stream_keep_alive_seconds, 3_600),
    ] {
        if !(1..=most).contains(&value) {
            return refuse(key, &format!("must be between 1 and {most}"));
        }
    }
    for (key, value, least, most) in [
        ("worker.checkpoint_ms", worker.checkpoint_ms, 100, 600_000),
        ("worker.checkpoint_count", worker.checkpoint_count as u64, 1, 1_000_000),
    ] {
        if !(least..=most).contains(&value) {
            return refuse(key, &format!("must be between {least} and {most}"));
        }
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
    console::check_sense(&config.console, &config.jwt)?;
    check_inputs(&config.inputs)?;
    check_schedules(&config.schedules)?;
    check_webhooks(&config.webhooks)?;
    check_mail(&config.mail, config.webhooks.timeout_seconds)?;
    search::check_sense(&config.search)?;
    metrics::check_sense(&config.metrics)?;
    traces::check_sense(&config.traces)?;
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

fn check_inputs(inputs: &InputsConfig) -> Result<(), ConfigError> {
    inputs.web()?;
    for (key, value, most) in [
        ("inputs.http_bytes", inputs.http_bytes, u64::MAX),
        ("inputs.http_seconds", inputs.http_seconds, 86_400),
    ] {
        if !(1..=most).contains(&value) {
            return Err(ConfigError::Senseless { key, reason: format!("must be between 1 and {most}") });
        }
    }
    if inputs.http_redirects > 20 {
        return Err(ConfigError::Senseless {
            key: "inputs.http_redirects",
            reason: "must be at most 20".to_owned(),
        });
    }
    Ok(())
}

fn check_schedules(schedules: &SchedulesConfig) -> Result<(), ConfigError> {
    let refuse = |key, reason: String| Err(ConfigError::Senseless { key, reason });
    for (key, value, least, most) in [
        ("schedules.lease_seconds", schedules.lease_seconds, 3, 600),
        (
            "schedules.grace_seconds",
            schedules.grace_seconds,
            schedules.lease_seconds.saturating_mul(2),
            86_400,
        ),
        ("schedules.poll_ms", schedules.poll_ms, 100, 60_000),
        ("schedules.batch", u64::from(schedules.batch), 1, 1_000),
        ("schedules.max_waiting", u64::from(schedules.max_waiting), 1, 10_000),
    ] {
        if !(least..=most).contains(&value) {
            return refuse(key, format!("must be between {least} and {most}"));
        }
    }
    Ok(())
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

fn check_mail(mail: &MailConfig, seconds: u64) -> Result<(), ConfigError> {
    let refuse = |key, reason: &str| Err(ConfigError::Senseless { key, reason: reason.to_owned() });
    let Some(_) = mail.options(Duration::from_secs(seconds))? else { return Ok(()) };
    if mail.domains.is_empty() {
        return refuse("mail.domains", "must name the domains that e-mail may go to, or be * for every one");
    }
    // A link that S3 signs is good for a week at most.
    if mail.link_hours > 168 {
        return refuse("mail.link_hours", "must be at most 168");
    }
    if mail.attach_bytes > 26_214_400 {
        return refuse("mail.attach_bytes", "must be at most 26214400, which is 25 MiB");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::config::load::tests::with;
    use crate::tenant::Retention;

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
    fn checkpoints_that_would_flood_the_bucket_or_the_memory_are_refused() {
        for (variable, text, key) in [
            ("ESTEIRA_WORKER_CHECKPOINT_MS", "99", "worker.checkpoint_ms"),
            ("ESTEIRA_WORKER_CHECKPOINT_MS", "600001", "worker.checkpoint_ms"),
            ("ESTEIRA_WORKER_CHECKPOINT_COUNT", "0", "worker.checkpoint_count"),
            ("ESTEIRA_WORKER_CHECKPOINT_COUNT", "1000001", "worker.checkpoint_count"),
        ] {
            let error = with(&[(variable, text)], "").unwrap_err();
            assert!(error.contains(key), "{error}");
        }
        with(&[("ESTEIRA_WORKER_CHECKPOINT_BYTES", "0")], "").unwrap();
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
    fn the_console_is_an_application_of_a_trusted_issuer_or_none() {
        let issuer = [("ESTEIRA_JWT_ISSUER", "https://a.example/pool"), ("ESTEIRA_JWT_AUDIENCES", "console")];
        let client = ("ESTEIRA_CONSOLE_CLIENT_ID", "console");
        let authorize = ("ESTEIRA_CONSOLE_AUTHORIZE_URL", "https://a.example/authorize");
        let token = ("ESTEIRA_CONSOLE_TOKEN_URL", "https://a.example/token");
        let foreign = ("ESTEIRA_CONSOLE_TOKEN_URL", "https://a.example/; script-src *");
        for (variables, key) in [
            (vec![issuer[0], issuer[1], client, authorize], "console.token_url"),
            (vec![client, authorize, token], "console.client_id"),
            (vec![issuer[0], issuer[1], client, authorize, foreign], "console.token_url"),
            (vec![("ESTEIRA_CONSOLE_TOKEN", "refresh")], "console.token"),
        ] {
            let error = with(&variables, "").unwrap_err();
            assert!(error.contains(key), "{error}");
        }
        let config = with(&[issuer[0], issuer[1], client, authorize, token], "").unwrap().console;
        assert_eq!((config.scope.as_str(), config.token.as_str()), ("openid", "id"));
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
    fn which_files_of_the_web_inputs_may_name_is_read_or_refused_by_its_setting() {
        assert!(with(&[], "").unwrap().inputs.web().unwrap().check("https://example.org/a").is_err());
        let hosts = ("ESTEIRA_INPUTS_HTTP_HOSTS", "media.example.org:8443, *.example.net");
        let rules = with(&[hosts], "").unwrap().inputs.web().unwrap();
        for url in ["https://media.example.org:8443/a", "https://a.example.net/a"] {
            assert!(rules.check(url).is_ok(), "{url}");
        }
        for (variable, text, key) in [
            ("ESTEIRA_INPUTS_HTTP_HOSTS", "https://example.org", "inputs.http_hosts"),
            ("ESTEIRA_INPUTS_HTTP_HOSTS", "10.0.0.7", "inputs.http_hosts"),
            ("ESTEIRA_INPUTS_HTTP_BYTES", "0", "inputs.http_bytes"),
            ("ESTEIRA_INPUTS_HTTP_SECONDS", "0", "inputs.http_seconds"),
            ("ESTEIRA_INPUTS_HTTP_REDIRECTS", "21", "inputs.http_redirects"),
        ] {
            let error = with(&[(variable, text)], "").unwrap_err();
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn a_grace_shorter_than_a_change_of_leaders_is_refused() {
        let error = with(&[("ESTEIRA_SCHEDULES_GRACE_SECONDS", "29")], "").unwrap_err();
        assert!(error.contains("schedules.grace_seconds") && error.contains("between 30"), "{error}");
        with(&[("ESTEIRA_SCHEDULES_LEASE_SECONDS", "5"), ("ESTEIRA_SCHEDULES_GRACE_SECONDS", "10")], "")
            .unwrap();
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
}
