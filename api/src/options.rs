//! What may an operator set about the API? Every limit, with its default.

use std::time::Duration;

use esteira_engine::artifact::UploadTerms;
use esteira_engine::document::SearchOptions;
use esteira_engine::webhook::UrlRules;

use crate::console::ConsoleSignIn;
use crate::tls::Tls;
use crate::token::JwtOptions;

/// The settings of the API. Most are limits that protect the process from its callers.
#[derive(Debug, Clone)]
pub struct ApiOptions {
    /// The largest JSON body, in bytes; a larger one is a 413. Default 2 MiB.
    pub json_bytes: u64,
    /// The largest body of a batch, in bytes; a larger one is a 413. Default 16 MiB.
    pub batch_bytes: u64,
    /// The most jobs of a batch. Default 10,000, which is what the contract promises.
    pub batch_jobs: usize,
    /// How long the answer to an `Idempotency-Key` is given again. Default 24 hours.
    pub idempotency: Duration,
    /// The largest file that `POST /v1/files` takes, in bytes; a larger one is a 413. Default 100 MiB.
    pub file_bytes: u64,
    /// The largest file that `POST /v1/uploads` announces, in bytes; a larger one is a 413. Default 4 GiB, which is
    /// what workers fetch.
    pub upload_bytes: u64,
    /// How long such an upload may take, and how many of one tenant may be under way. Default 24 hours, 1,000.
    pub upload_terms: UploadTerms,
    /// How long a handler may take before the answer is a 503. Waiting by `?wait=` comes on top.
    /// Default 30 seconds.
    pub request_timeout: Duration,
    /// The same for an upload, the look at one that is completed, and the removal of a tenant, which go on as long as
    /// there is data.
    /// Default 1 hour.
    pub long_request_timeout: Duration,
    /// How long the client may be silent in the middle of a file, and how long it may take for the whole
    /// of a JSON body, before the answer is a 408. Default 15 seconds.
    pub body_idle_timeout: Duration,
    /// How long a client may take nothing of its answer before the connection is given up. Default 60 seconds.
    pub answer_idle_timeout: Duration,
    /// How long a client may take for the first head of a connection. Default 10 seconds: whoever
    /// connects has something to say, and who says nothing must not keep a place from others.
    pub first_head_timeout: Duration,
    /// How long a kept-alive connection may be idle, and its next head may take. Default 75 seconds,
    /// longer than the 60 seconds after which a load balancer of AWS gives an idle connection up, so
    /// that the balancer closes first.
    pub head_timeout: Duration,
    /// The most bytes of a request's head; a larger one is a 431. Default 32 KiB.
    pub head_bytes: usize,
    /// Connections that are served at the same moment; more wait in the backlog of the socket.
    /// Default 2,048: twice as many as streams.
    pub max_connections: usize,
    /// Connections of one peer (an IPv4 address, or a /64 of IPv6) at the same moment; one more is closed
    /// at once. Default 256. Behind a load balancer every connection is the balancer's: set 0 there,
    /// which is no limit, and let the balancer limit its clients.
    pub max_connections_per_peer: usize,
    /// Requests of one tenant that wait (`?wait=`) at the same moment, in this process; one more is a
    /// 429. Default 200; 0 is no limit.
    pub max_waits_per_tenant: usize,
    /// Open streams of events, in this process; one more is a 503. Default 1,000; 0 is no limit.
    pub max_streams: usize,
    /// Those of one tenant; one more is a 429. Default 200; 0 is no limit.
    pub max_streams_per_tenant: usize,
    /// Timelines of jobs that one tenant reads at the same moment, in this process, each of which may take some 40 MB of
    /// memory until it is sent; one more is a 429. Default 8; 0 is no limit.
    pub max_timelines_per_tenant: usize,
    /// How much of an artifact `GET /v1/jobs/{id}/previews/{name}` shows, in bytes. Default 16 MiB.
    pub preview_bytes: u64,
    /// Previews that one tenant reads at the same moment, in this process; one more is a 429. Default 16; 0 is no limit.
    pub max_previews_per_tenant: usize,
    /// How long a stream may be open before its watcher has to come again. Default 15 minutes: a token that has ended,
    /// or was revoked, watches no longer than that.
    pub stream_time: Duration,
    /// How long a stream is silent before a comment says that it is still there, as proxies want. Default 15 seconds.
    pub stream_keep_alive: Duration,
    /// Uploads of one tenant at the same moment, in this process; one more is a 429. Default 16; 0 is no
    /// limit.
    pub max_uploads_per_tenant: usize,
    /// Searches of one tenant at the same moment, in this process, most of which wait for their turn; one more is a 429.
    /// Default 20; 0 is no limit.
    pub max_searches_per_tenant: usize,
    /// Bytes of JSON bodies of more than 64 KiB that are under way at the same moment, in this process; beyond that a
    /// body is a 503. Default 128 MiB; 0 is no limit.
    pub max_body_bytes: u64,
    /// Those of one tenant; beyond that a body is a 429. Default 32 MiB, which is two batches; 0 is no limit.
    pub max_body_bytes_per_tenant: u64,
    /// How long new connections are still taken after the signal to stop, while `/readyz` fails already: so long
    /// that a load balancer has seen it. Default 0.
    pub drain: Duration,
    /// How long requests under way may go on after that. Default 20 seconds.
    pub shutdown_grace: Duration,
    /// The longest `?wait=`. Default 60 seconds, which is what the contract promises.
    pub max_wait: Duration,
    /// What `Retry-After` says when a tenant's queue is full. Default 30 seconds.
    pub queue_full_retry: Duration,
    /// Schedules of one tenant. Default 1,000.
    pub max_schedules_per_tenant: u32,
    /// Runs of one schedule that may wait for the one before. Default 100.
    pub max_waiting_runs: usize,
    /// Which URLs a webhook may have. Default: public ones of HTTPS, on ports 80 and 443.
    pub webhook_urls: UrlRules,
    /// Webhooks of one tenant. Default 20.
    pub max_webhooks_per_tenant: u32,
    /// How long the secret before signs beside a new one, where the request does not say. Default 1 day.
    pub webhook_old_secret: Duration,
    /// How long a search may take, and how long its question may be. Default 5 seconds, 500 characters.
    pub search: SearchOptions,
    /// How long a process goes by what it knows of a caller's key and tenant, should it not hear that they have changed;
    /// zero: it asks at each request. Default 5 seconds.
    pub caller_age: Duration,
    /// How long the answer of `GET /readyz`, which needs no token, is remembered. Default 1 second.
    pub readiness_age: Duration,
    /// Whose tokens are taken besides API keys. Default nobody's.
    pub jwt: Option<JwtOptions>,
    /// Where people who use the console sign in, besides by API keys. Default nowhere.
    pub console_sign_in: Option<ConsoleSignIn>,
    /// The certificate with which the server speaks TLS itself. Default none: TLS ends before it.
    pub tls: Option<Tls>,
    /// How often the files of the certificate are looked at. Default 30 seconds.
    pub tls_reload: Duration,
    /// What `Strict-Transport-Security` says where the server speaks TLS itself; zero says nothing. Default 1 year.
    pub hsts: Duration,
    /// The origins whose web pages may call from a browser, or `*`. Default none.
    pub cors_origins: Vec<String>,
    /// Whether a request is a part of the trace that its caller names, and is recorded as that says. Default no: it then has a
    /// trace of its own.
    pub trust_traces: bool,
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self {
            json_bytes: 2 * 1024 * 1024,
            batch_bytes: 16 * 1024 * 1024,
            batch_jobs: 10_000,
            idempotency: Duration::from_secs(24 * 3600),
            file_bytes: 100 * 1024 * 1024,
            upload_bytes: 4 * 1024 * 1024 * 1024,
            upload_terms: UploadTerms { good_for: Duration::from_secs(24 * 3600), most: 1_000 },
            request_timeout: Duration::from_secs(30),
            long_request_timeout: Duration::from_secs(3600),
            body_idle_timeout: Duration::from_secs(15),
            answer_idle_timeout: Duration::from_secs(60),
            first_head_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(75),
            head_bytes: 32 * 1024,
            max_connections: 2048,
            max_connections_per_peer: 256,
            max_waits_per_tenant: 200,
            max_streams: 1_000,
            max_streams_per_tenant: 200,
            max_timelines_per_tenant: 8,
            preview_bytes: 16 * 1024 * 1024,
            max_previews_per_tenant: 16,
            stream_time: Duration::from_secs(15 * 60),
            stream_keep_alive: Duration::from_secs(15),
            max_uploads_per_tenant: 16,
            max_searches_per_tenant: 20,
            max_body_bytes: 128 * 1024 * 1024,
            max_body_bytes_per_tenant: 32 * 1024 * 1024,
            drain: Duration::ZERO,
            shutdown_grace: Duration::from_secs(20),
            max_wait: Duration::from_secs(60),
            queue_full_retry: Duration::from_secs(30),
            max_schedules_per_tenant: 1_000,
            max_waiting_runs: 100,
            webhook_urls: UrlRules::default(),
            max_webhooks_per_tenant: 20,
            webhook_old_secret: Duration::from_secs(24 * 3600),
            search: SearchOptions::default(),
            caller_age: Duration::from_secs(5),
            readiness_age: Duration::from_secs(1),
            jwt: None,
            console_sign_in: None,
            tls: None,
            tls_reload: Duration::from_secs(30),
            hsts: Duration::from_secs(365 * 24 * 3600),
            cors_origins: Vec::new(),
            trust_traces: false,
        }
    }
}
