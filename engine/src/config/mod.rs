//! With which settings does a process run? Defaults, below a TOML file, below the environment.
//!
//! [`SETTINGS`] lists every one of them: its key in the file, its variable in the environment, its
//! default and its manual. The structs here give them types; a test holds the two together.

pub mod address;
mod console;
mod error;
mod explain;
mod jwt;
mod load;
mod metrics;
mod search;
mod secret;
mod sense;
mod stranger;
mod table;
mod traces;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::job::Resources;
use crate::tenant::Retention;
use crate::web::{HostRule, SourceHost, WebRules};
use crate::webhook::{BadMail, MailOptions, MailRules, UrlRules};

pub use console::ConsoleConfig;
pub use error::ConfigError;
pub use explain::{Explained, Origin};
pub use jwt::JwtConfig;
pub use load::Sources;
pub use metrics::{MetricsConfig, MetricsListen};
pub use search::SearchConfig;
pub use secret::Secret;
pub use stranger::Stranger;
pub use table::{Fallback, Form, SETTINGS, Setting};
pub use traces::TracesConfig;

/// All settings, in the sections of the TOML file. The manual of each field is in [`SETTINGS`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the table documents every setting, and `esteira config --explain` prints it"
)]
pub struct Config {
    pub operator_key: Option<Secret>,
    pub database: DatabaseConfig,
    pub migrate: MigrateConfig,
    pub s3: S3Config,
    pub api: ApiConfig,
    pub jwt: JwtConfig,
    pub console: ConsoleConfig,
    pub worker: WorkerConfig,
    pub inputs: InputsConfig,
    pub sandbox: SandboxConfig,
    pub retention: RetentionConfig,
    pub schedules: SchedulesConfig,
    pub webhooks: WebhooksConfig,
    pub mail: MailConfig,
    pub search: SearchConfig,
    pub metrics: MetricsConfig,
    pub traces: TracesConfig,
    #[serde(default)]
    pub kinds: BTreeMap<String, KindConfig>,
    pub log: LogConfig,
}

/// `[database]`: how Postgres is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct DatabaseConfig {
    pub url: Option<Secret>,
    pub direct_url: Option<Secret>,
    pub pool_size: u32,
    pub acquire_seconds: u64,
    pub named_statements: bool,
    pub tenants_a_connection: usize,
}

/// `[migrate]`: how tenants come to a new version.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct MigrateConfig {
    pub connections: usize,
    pub lock_ms: u64,
    pub tries: u32,
}

/// `[s3]`: how the object store is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct S3Config {
    pub bucket: Option<String>,
    pub region: String,
    pub prefix: String,
    pub endpoint: Option<String>,
    pub public_endpoint: Option<String>,
    pub path_style: bool,
    pub access_key: Option<Secret>,
    pub secret_key: Option<Secret>,
}

/// `[api]`: the HTTP server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct ApiConfig {
    #[serde(deserialize_with = "address::deserialize")]
    pub listen: SocketAddr,
    pub json_bytes: u64,
    pub batch_bytes: u64,
    pub batch_jobs: usize,
    pub file_bytes: u64,
    pub upload_bytes: u64,
    pub upload_hours: u64,
    pub max_unfinished_uploads: usize,
    pub request_seconds: u64,
    pub long_request_seconds: u64,
    pub body_idle_seconds: u64,
    pub answer_idle_seconds: u64,
    pub head_seconds: u64,
    pub head_bytes: usize,
    pub max_connections: usize,
    pub max_connections_per_peer: usize,
    pub first_head_seconds: u64,
    pub max_waits_per_tenant: usize,
    pub max_uploads_per_tenant: usize,
    pub max_searches_per_tenant: usize,
    pub max_body_bytes: u64,
    pub max_body_bytes_per_tenant: u64,
    pub max_streams: usize,
    pub max_streams_per_tenant: usize,
    pub max_timelines_per_tenant: usize,
    pub preview_bytes: u64,
    pub max_previews_per_tenant: usize,
    pub stream_seconds: u64,
    pub stream_keep_alive_seconds: u64,
    pub drain_seconds: u64,
    pub shutdown_seconds: u64,
    pub tls_certificate: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub tls_reload_seconds: u64,
    pub hsts_seconds: u64,
    #[serde(default)]
    pub cors_origins: Vec<String>,
    pub max_wait_seconds: u64,
    pub queue_full_retry_seconds: u64,
    pub caller_seconds: u64,
}

/// `[worker]`: how jobs are claimed and run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct WorkerConfig {
    #[serde(default)]
    pub concurrency: BTreeMap<String, usize>,
    pub default_concurrency: usize,
    pub lease_seconds: u64,
    pub heartbeat_seconds: u64,
    pub poll_ms: u64,
    pub cancel_poll_ms: u64,
    pub grace_seconds: u64,
    pub kill_ms: u64,
    pub work_dir: Option<PathBuf>,
    pub spare_children: usize,
    pub child_template: bool,
    pub parallelism: usize,
    pub staged_file_bytes: u64,
    pub artifact_bytes: u64,
    pub checkpoint_bytes: u64,
    pub checkpoint_count: usize,
    pub checkpoint_ms: u64,
}

/// `[inputs]`: which files of the web inputs may name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct InputsConfig {
    #[serde(default)]
    pub http_hosts: Vec<String>,
    pub http_bytes: u64,
    pub http_seconds: u64,
    pub http_redirects: usize,
}

impl InputsConfig {
    /// Which files of the web inputs may name.
    ///
    /// # Errors
    /// The setting that cannot be read, and why.
    pub fn web(&self) -> Result<WebRules, ConfigError> {
        let read = |host: &String| {
            host.parse::<SourceHost>().map_err(|error| ConfigError::Senseless {
                key: "inputs.http_hosts",
                reason: format!("{host:?} {error}"),
            })
        };
        let hosts = self.http_hosts.iter().map(read).collect::<Result<_, _>>()?;
        Ok(WebRules { hosts, ..WebRules::default() })
    }
}

/// `[sandbox]`: what children may do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct SandboxConfig {
    pub mode: SandboxMode,
    pub first_user: u32,
    pub users: u32,
    #[serde(default)]
    pub read_only: Vec<PathBuf>,
}

/// What happens where the kernel cannot do all that the sandbox asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxMode {
    /// The worker refuses to start.
    Require,
    /// The worker warns once and runs with what the kernel can do.
    BestEffort,
}

/// `[retention]`: how long what is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct RetentionConfig {
    pub jobs_days: Retention,
    pub uploads_days: Retention,
    pub idempotency_hours: u64,
    pub deliveries_days: Retention,
    pub prune_minutes: u64,
    pub batch_rows: u32,
    pub sweep_hours: u64,
    pub orphan_hours: u64,
}

/// `[schedules]`: how many there may be, and how they are looked after.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct SchedulesConfig {
    pub max_per_tenant: u32,
    pub max_waiting: u32,
    pub lease_seconds: u64,
    pub grace_seconds: u64,
    pub poll_ms: u64,
    pub batch: u32,
}

/// `[webhooks]`: where they may lead, and how they are told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct WebhooksConfig {
    pub allow_http: bool,
    pub ports: String,
    #[serde(default)]
    pub allowed_hosts: Vec<String>,
    pub max_per_tenant: u32,
    pub old_secret_hours: u64,
    pub places: usize,
    pub places_per_tenant: usize,
    pub places_per_webhook: u16,
    pub timeout_seconds: u64,
    pub answer_bytes: usize,
    pub retry_hours: u64,
    pub failures_to_open: u16,
    pub open_seconds: u64,
    pub longest_open_seconds: u64,
    pub poll_ms: u64,
}

impl WebhooksConfig {
    /// Which URLs a webhook may have.
    ///
    /// # Errors
    /// The setting that cannot be read, and why.
    pub fn urls(&self) -> Result<UrlRules, ConfigError> {
        let senseless = |key, reason: String| ConfigError::Senseless { key, reason };
        let ports = self.ports.split(',').map(|port| port.trim().parse::<u16>().map_err(|_| port));
        let ports = ports.collect::<Result<_, _>>().map_err(|port| {
            senseless("webhooks.ports", format!("{port:?} is no port; write them as in 80,443"))
        })?;
        let hosts =
            self.allowed_hosts.iter().map(|host| host.parse::<HostRule>().map_err(|error| (host, error)));
        let hosts = hosts
            .collect::<Result<_, _>>()
            .map_err(|(host, error)| senseless("webhooks.allowed_hosts", format!("{host:?} {error}")))?;
        Ok(UrlRules { http: self.allow_http, ports, hosts, mail: None })
    }
}

/// `[mail]`: the SMTP server of letters, and to whom they may go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct MailConfig {
    pub url: Option<Secret>,
    pub from: Option<String>,
    #[serde(default)]
    pub domains: Vec<String>,
    pub locale: String,
    pub attach_bytes: u64,
    pub link_hours: u64,
}

impl MailConfig {
    /// To whom letters may go; nothing where none are sent.
    #[must_use]
    pub fn rules(&self) -> Option<MailRules> {
        self.url.as_ref().map(|_| MailRules::new(&self.domains))
    }

    /// How letters are sent, each within `timeout`; nothing where none are.
    ///
    /// # Errors
    /// The setting that cannot be read, and why.
    pub fn options(&self, timeout: Duration) -> Result<Option<MailOptions>, ConfigError> {
        let Some(url) = &self.url else { return Ok(None) };
        let from = self.from.as_deref().ok_or(ConfigError::Missing { key: "mail.from" })?;
        let made = MailOptions::new(url.expose(), from, &self.locale, timeout).map_err(|error| {
            let key = match error {
                BadMail::Server | BadMail::Plain => "mail.url",
                BadMail::From => "mail.from",
                BadMail::Locale => "mail.locale",
            };
            ConfigError::Senseless { key, reason: error.to_string() }
        })?;
        let link_for = Duration::from_secs(self.link_hours.saturating_mul(3600));
        Ok(Some(MailOptions { attach_bytes: self.attach_bytes, link_for, ..made }))
    }
}

/// `[kinds."NAME"]`: what an operator changes about a kind.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KindConfig {
    /// Values over the kind's own settings, which `esteira config --explain` lists.
    pub settings: BTreeMap<String, Value>,
    /// Limits of its children other than the kind's own.
    pub resources: ResourceConfig,
}

/// `[kinds."NAME".resources]`: limits that differ from the kind's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResourceConfig {
    /// Address space in bytes.
    pub memory_bytes: Option<u64>,
    /// CPU seconds over all threads.
    pub cpu_seconds: Option<u64>,
    /// Largest file in bytes.
    pub file_bytes: Option<u64>,
    /// Open descriptors.
    pub open_files: Option<u64>,
    /// Threads of the child.
    pub threads: Option<u64>,
}

impl ResourceConfig {
    /// Lays them over a kind's own.
    pub(crate) fn lay_over(&self, own: &mut Resources) {
        let pairs = [
            (&mut own.memory_bytes, self.memory_bytes),
            (&mut own.cpu_seconds, self.cpu_seconds),
            (&mut own.file_bytes, self.file_bytes),
            (&mut own.open_files, self.open_files),
            (&mut own.threads, self.threads),
        ];
        for (own, wanted) in pairs {
            *own = wanted.unwrap_or(*own);
        }
    }
}

/// `[log]`: what the process says, and in which form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "see SETTINGS")]
pub struct LogConfig {
    pub format: LogFormat,
    pub level: String,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line, for machines.
    Json,
}

impl Config {
    /// The database's URL, which every role needs.
    ///
    /// # Errors
    /// When it is not set, with the names by which it can be.
    pub fn database_url(&self) -> Result<&Secret, ConfigError> {
        self.database.url.as_ref().ok_or(ConfigError::Missing { key: "database.url" })
    }

    /// The bucket, which every role but `migrate` needs.
    ///
    /// # Errors
    /// When it is not set, with the names by which it can be.
    pub fn s3_bucket(&self) -> Result<&str, ConfigError> {
        self.s3.bucket.as_deref().ok_or(ConfigError::Missing { key: "s3.bucket" })
    }

    /// Where attempts have their directories when nobody says otherwise.
    #[must_use]
    pub fn work_dir(&self) -> PathBuf {
        self.worker.work_dir.clone().unwrap_or_else(|| PathBuf::from("/var/tmp/esteira"))
    }

    /// How many jobs of a kind this worker runs at once.
    #[must_use]
    pub fn concurrency(&self, kind: &str) -> usize {
        self.worker.concurrency.get(kind).copied().unwrap_or(self.worker.default_concurrency)
    }
}
