//! Which part of the engine gets which setting?

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use esteira_api::{ApiOptions, ConsoleSignIn, JwtOptions, Tls};
use esteira_engine::Engine;
use esteira_engine::artifact::{Store, StoreOptions, UploadTerms};
use esteira_engine::checkpoint::CheckpointOptions;
use esteira_engine::child::sandbox::{SandboxConfig, SandboxMode, UserRange};
use esteira_engine::child::{ChildProgram, PoolConfig};
use esteira_engine::config::{self, Config, Secret};
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::document::{DocumentLimits, SearchOptions};
use esteira_engine::duty::RetentionOptions;
use esteira_engine::job::Catalog;
use esteira_engine::metrics::Meter;
use esteira_engine::schedule::ScheduleOptions;
use esteira_engine::tenant::MigrateOptions;
use esteira_engine::web::FetchOptions;
use esteira_engine::webhook::{DeliveryOptions, UrlRules};
use esteira_engine::worker::WorkerOptions;

/// Names a file of whisper.cpp that is used for every job: the setting `model_file` of media.transcribe.
const WHISPER_MODEL: &str = "ESTEIRA_WHISPER_MODEL";

/// The kinds, with the operator's settings and limits laid over their own.
fn catalog(config: &Config) -> Result<Catalog> {
    let mut changed = config.kinds.clone();
    // A model of one's own, for a try without a file of settings.
    if let Some(model) = std::env::var(WHISPER_MODEL).ok().filter(|model| !model.is_empty()) {
        let kind = changed.entry("media.transcribe".to_owned()).or_default();
        kind.settings.insert("model_file".to_owned(), model.into());
    }
    let catalog = Catalog::new(crate::kinds::all(), &changed)?;
    Ok(catalog.with_web(config.inputs.web()?))
}

/// An engine on the configured database and bucket, with room for `connections`.
pub async fn open_engine(config: &Config, connections: u32) -> Result<Engine> {
    let db = open_database(config, connections)?;
    Ok(Engine::new(db, open_store(config).await?, catalog(config)?))
}

/// The configured database.
pub fn open_database(config: &Config, connections: u32) -> Result<Db> {
    let meter = Meter::new(config.metrics.limits());
    Db::open_counting(&database_options(config, connections)?, meter).context("setting database.url")
}

/// The configured bucket.
pub async fn open_store(config: &Config) -> Result<Store> {
    Ok(Store::open(&store_options(config)?).await)
}

fn database_options(config: &Config, connections: u32) -> Result<DatabaseOptions> {
    let database = &config.database;
    Ok(DatabaseOptions {
        url: config.database_url()?.expose().to_owned(),
        direct_url: database.direct_url.as_ref().map(|url| url.expose().to_owned()),
        max_connections: connections,
        acquire_timeout: Duration::from_secs(database.acquire_seconds),
        named_statements: database.named_statements,
        tenants_a_connection: database.tenants_a_connection,
    })
}

fn store_options(config: &Config) -> Result<StoreOptions> {
    let s3 = &config.s3;
    let text = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    Ok(StoreOptions {
        bucket: config.s3_bucket()?.to_owned(),
        region: s3.region.clone(),
        endpoint: s3.endpoint.clone(),
        public_endpoint: s3.public_endpoint.clone(),
        path_style: s3.path_style,
        credentials: text(&s3.access_key).zip(text(&s3.secret_key)),
        prefix: s3.prefix.clone(),
    })
}

/// How tenants are migrated.
pub fn migrate_options(config: &Config) -> MigrateOptions {
    let migrate = &config.migrate;
    MigrateOptions {
        connections: migrate.connections,
        lock_timeout: Duration::from_millis(migrate.lock_ms),
        tries: migrate.tries,
        ..MigrateOptions::default()
    }
}

/// The limits of the API, its certificate and the issuer that it trusts.
pub fn api_options(config: &Config) -> Result<ApiOptions> {
    let api = &config.api;
    let tls = match (&api.tls_certificate, &api.tls_key) {
        (Some(certificate), Some(key)) => {
            Some(Tls::load(certificate, key).context("settings api.tls_certificate and api.tls_key")?)
        }
        _ => None,
    };
    Ok(ApiOptions {
        jwt: jwt_options(config)?,
        console_sign_in: console_sign_in(config),
        tls,
        tls_reload: Duration::from_secs(api.tls_reload_seconds),
        hsts: Duration::from_secs(api.hsts_seconds),
        cors_origins: api.cors_origins.clone(),
        trust_traces: config.traces.trust_callers,
        drain: Duration::from_secs(api.drain_seconds),
        json_bytes: api.json_bytes,
        batch_bytes: api.batch_bytes,
        batch_jobs: api.batch_jobs,
        idempotency: Duration::from_secs(config.retention.idempotency_hours.saturating_mul(3600)),
        file_bytes: api.file_bytes,
        upload_bytes: api.upload_bytes,
        upload_terms: UploadTerms {
            good_for: Duration::from_secs(api.upload_hours * 3600),
            most: api.max_unfinished_uploads,
        },
        request_timeout: Duration::from_secs(api.request_seconds),
        long_request_timeout: Duration::from_secs(api.long_request_seconds),
        body_idle_timeout: Duration::from_secs(api.body_idle_seconds),
        answer_idle_timeout: Duration::from_secs(api.answer_idle_seconds),
        head_timeout: Duration::from_secs(api.head_seconds),
        head_bytes: api.head_bytes,
        max_connections: api.max_connections,
        max_connections_per_peer: api.max_connections_per_peer,
        first_head_timeout: Duration::from_secs(api.first_head_seconds),
        max_waits_per_tenant: api.max_waits_per_tenant,
        max_uploads_per_tenant: api.max_uploads_per_tenant,
        max_searches_per_tenant: api.max_searches_per_tenant,
        max_body_bytes: api.max_body_bytes,
        max_body_bytes_per_tenant: api.max_body_bytes_per_tenant,
        max_streams: api.max_streams,
        max_streams_per_tenant: api.max_streams_per_tenant,
        max_timelines_per_tenant: api.max_timelines_per_tenant,
        preview_bytes: api.preview_bytes,
        max_previews_per_tenant: api.max_previews_per_tenant,
        stream_time: Duration::from_secs(api.stream_seconds),
        stream_keep_alive: Duration::from_secs(api.stream_keep_alive_seconds),
        shutdown_grace: Duration::from_secs(api.shutdown_seconds),
        max_wait: Duration::from_secs(api.max_wait_seconds),
        queue_full_retry: Duration::from_secs(api.queue_full_retry_seconds),
        caller_age: Duration::from_secs(api.caller_seconds),
        max_schedules_per_tenant: config.schedules.max_per_tenant,
        max_waiting_runs: config.schedules.max_waiting as usize,
        webhook_urls: urls(config)?,
        search: SearchOptions {
            longest: Duration::from_millis(config.search.timeout_ms),
            characters: config.search.question_characters,
        },
        max_webhooks_per_tenant: config.webhooks.max_per_tenant,
        webhook_old_secret: Duration::from_secs(config.webhooks.old_secret_hours.saturating_mul(3600)),
        ..ApiOptions::default()
    })
}

/// The issuer whose tokens the API takes, if there is one.
fn jwt_options(config: &Config) -> Result<Option<JwtOptions>> {
    let jwt = &config.jwt;
    let Some(issuer) = &jwt.issuer else { return Ok(None) };
    let slugs = jwt.client_tenants.iter().map(|(client, slug)| Ok((client.clone(), slug.parse()?)));
    Ok(Some(JwtOptions {
        issuer: issuer.clone(),
        jwks_url: jwt.jwks_url.clone().unwrap_or_else(|| JwtOptions::usual_jwks_url(issuer)),
        audiences: jwt.audiences.clone(),
        token_use: jwt.token_use.clone(),
        tenant_claim: jwt.tenant_claim.clone(),
        client_tenants: slugs.collect::<Result<_>>().context("setting jwt.client_tenants")?,
        groups_claim: jwt.groups_claim.clone(),
        scope_prefix: jwt.scope_prefix.clone(),
        operator: jwt.operator,
        leeway: Duration::from_secs(jwt.leeway_seconds),
        token_bytes: jwt.token_bytes,
        keys_age: Duration::from_secs(jwt.keys_seconds),
        refetch_after: Duration::from_secs(jwt.refetch_seconds),
        fetch_timeout: Duration::from_secs(jwt.fetch_seconds),
    }))
}

/// Where people who use the console sign in, if anywhere.
fn console_sign_in(config: &Config) -> Option<ConsoleSignIn> {
    let console = &config.console;
    Some(ConsoleSignIn {
        client_id: console.client_id.clone()?,
        authorize_url: console.authorize_url.clone()?,
        token_url: console.token_url.clone()?,
        scope: console.scope.clone(),
        token: console.token.clone(),
    })
}

/// How the worker works: slots for every kind of the catalog, but those set to 0.
pub fn worker_options(config: &Config, catalog: &Catalog) -> Result<WorkerOptions> {
    let known: Vec<&str> = catalog.iter().map(|entry| entry.info.name).collect();
    for name in config.worker.concurrency.keys() {
        anyhow::ensure!(
            known.contains(&name.as_str()),
            "setting worker.concurrency: there is no kind {name}; known are {}",
            known.join(", ")
        );
    }
    let slots = known.iter().map(|&name| (name.to_owned(), config.concurrency(name)));
    let worker = &config.worker;
    Ok(WorkerOptions {
        slots: slots.filter(|(_, count)| *count > 0).collect(),
        lease: Duration::from_secs(worker.lease_seconds),
        heartbeat: Duration::from_secs(worker.heartbeat_seconds),
        cancel_poll: Duration::from_millis(worker.cancel_poll_ms),
        poll: Duration::from_millis(worker.poll_ms),
        grace: Duration::from_secs(worker.grace_seconds),
        kill_grace: Duration::from_millis(worker.kill_ms),
        work_dir: config.work_dir(),
        parallelism: parallelism(worker.parallelism),
        staged_file_bytes: worker.staged_file_bytes,
        web: FetchOptions {
            bytes: config.inputs.http_bytes,
            timeout: Duration::from_secs(config.inputs.http_seconds),
            redirects: config.inputs.http_redirects,
        },
        artifact_bytes: worker.artifact_bytes,
        checkpoints: CheckpointOptions {
            bytes: worker.checkpoint_bytes,
            count: worker.checkpoint_count,
            delay: Duration::from_millis(worker.checkpoint_ms),
        },
        documents: DocumentLimits {
            bytes: config.search.document_bytes,
            passages: config.search.document_passages,
        },
        search: config.search.sink()?,
        pool: children(config),
        retention: retention(config),
        webhooks: deliveries(config)?,
    })
}

/// How long what is kept.
fn retention(config: &Config) -> RetentionOptions {
    let retention = &config.retention;
    RetentionOptions {
        jobs: retention.jobs_days,
        uploads: retention.uploads_days,
        idempotency: Duration::from_secs(retention.idempotency_hours.saturating_mul(3600)),
        deliveries: retention.deliveries_days,
        prune_every: Duration::from_secs(retention.prune_minutes.saturating_mul(60)),
        batch: retention.batch_rows as usize,
        sweep_every: Duration::from_secs(retention.sweep_hours.saturating_mul(3600)),
        orphan_age: Duration::from_secs(retention.orphan_hours.saturating_mul(3600)),
    }
}

/// How schedules are looked after.
pub fn schedule_options(config: &Config) -> ScheduleOptions {
    let schedules = &config.schedules;
    ScheduleOptions {
        lease: Duration::from_secs(schedules.lease_seconds),
        poll: Duration::from_millis(schedules.poll_ms),
        grace: Duration::from_secs(schedules.grace_seconds),
        batch: schedules.batch as usize,
        most_waiting: schedules.max_waiting as usize,
        ..ScheduleOptions::default()
    }
}

/// Which addresses webhooks may have.
fn urls(config: &Config) -> Result<UrlRules> {
    Ok(UrlRules { mail: config.mail.rules(), ..config.webhooks.urls()? })
}

/// How webhooks are told.
fn deliveries(config: &Config) -> Result<DeliveryOptions> {
    let webhooks = &config.webhooks;
    Ok(DeliveryOptions {
        traces: config.traces.otlp_endpoint.is_some(),
        urls: urls(config)?,
        mail: config.mail.options(Duration::from_secs(webhooks.timeout_seconds))?,
        places: webhooks.places,
        places_per_tenant: webhooks.places_per_tenant,
        places_per_webhook: webhooks.places_per_webhook,
        timeout: Duration::from_secs(webhooks.timeout_seconds),
        answer_bytes: webhooks.answer_bytes,
        retry_for: Duration::from_secs(webhooks.retry_hours.saturating_mul(3600)),
        failures_to_open: webhooks.failures_to_open,
        open_for: Duration::from_secs(webhooks.open_seconds),
        longest_open: Duration::from_secs(webhooks.longest_open_seconds),
        poll: Duration::from_millis(webhooks.poll_ms),
    })
}

/// How children are made.
fn children(config: &Config) -> PoolConfig {
    let sandbox = &config.sandbox;
    PoolConfig {
        program: ChildProgram::default(),
        spares: config.worker.spare_children,
        template: config.worker.child_template,
        sandbox: SandboxConfig {
            mode: match sandbox.mode {
                config::SandboxMode::Require => SandboxMode::Require,
                config::SandboxMode::BestEffort => SandboxMode::BestEffort,
            },
            users: UserRange { first: sandbox.first_user, count: sandbox.users },
            read_only: sandbox.read_only.iter().map(PathBuf::from).collect(),
        },
    }
}

fn parallelism(wanted: usize) -> usize {
    if wanted > 0 { wanted } else { std::thread::available_parallelism().map_or(1, usize::from) }
}
