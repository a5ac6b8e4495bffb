//! What is seen of the queue? How each kind stands, and what is paused: all of it, or a tenant's own part.

use chrono::{DateTime, Utc};
use esteira_engine::queue::{KindStats, Pause, QueueStats, Resumed};
use esteira_engine::tenant::{Slug, Tenant};
use serde::Serialize;
use utoipa::ToSchema;

/// The kinds and the pauses.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queues)]
pub(crate) struct QueuesView {
    /// Every kind, by name.
    pub items: Vec<QueueView>,
    /// The pauses in force; where a tenant is asked for, those that hold its jobs back.
    pub pauses: Vec<PauseView>,
}

/// The kinds, as they stand for one tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnQueue)]
pub(crate) struct OwnQueueView {
    /// Those that it may submit, or has jobs of, by name. `paused` tells of whatever keeps its jobs back.
    pub items: Vec<QueueView>,
}

/// How one kind stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue, example = json!({
    "kind": "video.generate", "blocked": 0, "scheduled": 2, "queued": 7, "running": 4,
    "oldest_ready_seconds": 12.5, "oldest_running_seconds": 61.0, "slots": 4, "paused": false,
}))]
pub(crate) struct QueueView {
    /// The kind.
    #[schema(example = "video.generate")]
    pub kind: String,
    /// Jobs that wait for others.
    pub blocked: i64,
    /// Jobs that wait for their time.
    pub scheduled: i64,
    /// Jobs that wait for a slot.
    pub queued: i64,
    /// Jobs that run.
    pub running: i64,
    /// Seconds for which the oldest queued job could have run.
    #[schema(required)]
    pub oldest_ready_seconds: Option<f64>,
    /// Seconds for which the oldest running attempt has run.
    #[schema(required)]
    pub oldest_running_seconds: Option<f64>,
    /// Slots of live workers that take jobs; they are everybody's, whoever is asked for.
    pub slots: i64,
    /// Whether the whole kind is paused: for everybody, or for the tenant that is asked for.
    pub paused: bool,
}

/// A pause.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pause, example = json!({"tenant": null, "kind": "video.generate", "paused_at": "2026-11-24T15:04:05Z"}))]
pub(crate) struct PauseView {
    /// The tenant whose jobs wait; null: every tenant's.
    #[schema(value_type = Option<String>, required)]
    pub tenant: Option<Slug>,
    /// The kind whose jobs wait; null: every kind's.
    #[schema(required)]
    pub kind: Option<String>,
    /// Since when.
    pub paused_at: DateTime<Utc>,
}

/// What a resume did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Resumed)]
pub(crate) struct ResumedView {
    /// Whether there was such a pause.
    pub resumed: bool,
    /// The wider pauses that hold the same jobs back nevertheless.
    #[schema(example = json!([{"tenant": null, "kind": null, "paused_at": "2026-11-24T15:04:05Z"}]))]
    pub still_paused_by: Vec<PauseView>,
}

impl From<QueueStats> for QueuesView {
    fn from(stats: QueueStats) -> Self {
        Self {
            items: stats.kinds.into_iter().map(QueueView::from).collect(),
            pauses: stats.pauses.into_iter().map(PauseView::from).collect(),
        }
    }
}

impl OwnQueueView {
    /// What `tenant` may know.
    pub(crate) fn new(tenant: &Tenant, stats: QueueStats) -> Self {
        let allowed = tenant.limits.kinds.as_ref();
        let may = |kind: &str| allowed.is_none_or(|kinds| kinds.iter().any(|allowed| allowed == kind));
        let items = stats.kinds.into_iter().map(QueueView::from);
        Self { items: items.filter(|queue| queue.has_jobs() || may(&queue.kind)).collect() }
    }
}

impl QueueView {
    fn has_jobs(&self) -> bool {
        self.blocked + self.scheduled + self.queued + self.running > 0
    }
}

impl From<KindStats> for QueueView {
    fn from(stats: KindStats) -> Self {
        Self {
            kind: stats.kind,
            blocked: stats.blocked,
            scheduled: stats.scheduled,
            queued: stats.queued,
            running: stats.running,
            oldest_ready_seconds: stats.oldest_ready_seconds,
            oldest_running_seconds: stats.oldest_running_seconds,
            slots: stats.slots,
            paused: stats.paused,
        }
    }
}

impl From<Pause> for PauseView {
    fn from(pause: Pause) -> Self {
        Self { tenant: pause.target.tenant, kind: pause.target.kind, paused_at: pause.paused_at }
    }
}

impl From<Resumed> for ResumedView {
    fn from(resumed: Resumed) -> Self {
        Self {
            resumed: resumed.resumed,
            still_paused_by: resumed.still_paused_by.into_iter().map(PauseView::from).collect(),
        }
    }
}
