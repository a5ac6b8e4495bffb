//! What does every handler share?

use std::sync::Arc;

use esteira_engine::Engine;
use esteira_engine::id::{TenantId, UploadId};
use tokio_util::sync::CancellationToken;

use crate::around::{ReadinessView, Remembered};
use crate::limit::{Places, RequestRates, Room, Turns};
use crate::options::ApiOptions;
use crate::token::Verifier;

/// What every handler shares; clones share everything.
#[derive(Clone)]
pub struct ApiState {
    /// The engine, which does the work.
    pub engine: Engine,
    /// The limits.
    pub options: Arc<ApiOptions>,
    /// How often each tenant has called lately.
    pub(crate) rates: Arc<RequestRates>,
    /// Which tenants wait for a job to be final.
    pub(crate) waits: Places<TenantId>,
    /// Which tenants watch jobs.
    pub(crate) streams: Places<TenantId>,
    /// The same, all together.
    pub(crate) all_streams: Places<()>,
    /// Which tenants read the timeline of a job.
    pub(crate) timelines: Places<TenantId>,
    /// Which tenants look at artifacts.
    pub(crate) previews: Places<TenantId>,
    /// Which tenants bring a file.
    pub(crate) uploads: Places<TenantId>,
    /// Which uploads are being completed: each reads its file, and two that read the same one are of no use.
    pub(crate) completions: Turns<(TenantId, UploadId)>,
    /// Which tenants search.
    pub(crate) searches: Places<TenantId>,
    /// The bodies that are under way.
    pub(crate) bodies: Room,
    /// What the last look at the parts found.
    pub(crate) readiness: Arc<Remembered<ReadinessView>>,
    /// Who checks the tokens of another issuer, if one is trusted.
    pub(crate) tokens: Option<Verifier>,
    /// Cancelled when the server is told to stop: it is not ready for more.
    pub(crate) draining: CancellationToken,
    /// Cancelled when the server stops, so that long waits answer early.
    pub(crate) closing: CancellationToken,
}

impl ApiState {
    /// An API over an engine.
    #[must_use]
    pub fn new(engine: Engine, options: ApiOptions) -> Self {
        Self {
            tokens: options.jwt.clone().map(Verifier::new),
            engine,
            options: Arc::new(options),
            rates: Arc::default(),
            waits: Places::default(),
            streams: Places::default(),
            all_streams: Places::default(),
            timelines: Places::default(),
            previews: Places::default(),
            uploads: Places::default(),
            completions: Turns::default(),
            searches: Places::default(),
            bodies: Room::default(),
            readiness: Arc::default(),
            draining: CancellationToken::new(),
            closing: CancellationToken::new(),
        }
    }
}
