//! What may an operator set about the API? Every limit, with its default.

use std::time::Duration;

use esteira_engine::artifact::UploadTerms;

/// The settings of the API. Each is a limit that protects the process from its callers.
#[derive(Debug, Clone)]
pub struct ApiOptions {
    /// The largest JSON body, in bytes; a larger one is a 413. Default 2 MiB.
    pub json_bytes: u64,
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
    /// Default 1,024.
    pub max_connections: usize,
    /// Connections of one peer (an IPv4 address, or a /64 of IPv6) at the same moment; one more is closed
    /// at once. Default 256. Behind a load balancer every connection is the balancer's: set 0 there,
    /// which is no limit, and let the balancer limit its clients.
    pub max_connections_per_peer: usize,
    /// Requests of one tenant that wait (`?wait=`) at the same moment, in this process; one more is a
    /// 429. Default 200; 0 is no limit.
    pub max_waits_per_tenant: usize,
    /// Uploads of one tenant at the same moment, in this process; one more is a 429. Default 16; 0 is no
    /// limit.
    pub max_uploads_per_tenant: usize,
    /// How long requests under way may go on after the signal to stop. Default 20 seconds.
    pub shutdown_grace: Duration,
    /// The longest `?wait=`. Default 60 seconds, which is what the contract promises.
    pub max_wait: Duration,
    /// What `Retry-After` says when a tenant's queue is full. Default 30 seconds.
    pub queue_full_retry: Duration,
    /// How long the answer of `GET /readyz`, which needs no token, is remembered. Default 1 second.
    pub readiness_age: Duration,
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self {
            json_bytes: 2 * 1024 * 1024,
            file_bytes: 100 * 1024 * 1024,
            upload_bytes: 4 * 1024 * 1024 * 1024,
            upload_terms: UploadTerms { good_for: Duration::from_secs(24 * 3600), most: 1_000 },
            request_timeout: Duration::from_secs(30),
            long_request_timeout: Duration::from_secs(3600),
            body_idle_timeout: Duration::from_secs(15),
            first_head_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(75),
            head_bytes: 32 * 1024,
            max_connections: 1024,
            max_connections_per_peer: 256,
            max_waits_per_tenant: 200,
            max_uploads_per_tenant: 16,
            shutdown_grace: Duration::from_secs(20),
            max_wait: Duration::from_secs(60),
            queue_full_retry: Duration::from_secs(30),
            readiness_age: Duration::from_secs(1),
        }
    }
}
