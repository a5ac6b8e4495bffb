//! What does a tenant see of a job's waiting?

use chrono::{DateTime, Utc};
use esteira_engine::id::JobId;
use esteira_engine::job::JobState;
use esteira_engine::queue::{AHEAD_COUNTED, Reason, Why};
use serde::Serialize;
use utoipa::ToSchema;

use super::state_schema;

/// Where a job stands, and what it waits for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Why, example = json!({
    "id": "0192f0c2-3456-7abc-8def-0123456789ab", "state": "queued",
    "waits_for": [{
        "reason": "own_work", "ahead": 3, "or_more": false,
        "message": "3 jobs of the tenant's own are before it",
    }],
    "running": null,
}))]
pub(crate) struct WhyView {
    /// The job.
    #[schema(value_type = Uuid)]
    pub id: JobId,
    /// Where it stands.
    #[schema(schema_with = state_schema)]
    pub state: JobState,
    /// What it waits for, as long as it waits.
    pub waits_for: Vec<ReasonView>,
    /// The attempt that runs, as long as it runs.
    #[schema(required)]
    pub running: Option<RunningView>,
}

/// The attempt that runs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunningAttempt)]
pub(crate) struct RunningView {
    /// Which one.
    pub attempt: i16,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// One thing that a job waits for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonView {
    /// The same for a person.
    pub message: String,
    /// The facts, by `reason`.
    #[serde(flatten)]
    pub facts: FactsView,
}

/// What is behind a reason.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReasonFacts)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub(crate) enum FactsView {
    /// Other jobs of the tenant have to succeed first.
    Dependency {
        /// Which.
        #[schema(value_type = Vec<Uuid>)]
        jobs: Vec<JobId>,
    },
    /// Its time has not come.
    Time {
        /// When it comes.
        until: DateTime<Utc>,
        /// Whether an attempt went before.
        retry: bool,
    },
    /// Its time has come, and it is about to be queued.
    Due,
    /// The tenant is suspended.
    TenantSuspended,
    /// An operator has paused it.
    Pause {
        /// Whether this tenant alone is paused.
        of_tenant: bool,
        /// Whether this kind alone is paused.
        of_kind: bool,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// As many jobs of the tenant run as may.
    TenantCap {
        /// How many run.
        running: i64,
        /// How many may.
        max_running: i32,
    },
    /// Jobs of the tenant's own, of this kind, are before it.
    OwnWork {
        /// How many, counted up to 1000.
        ahead: i64,
        /// Whether there may be more than were counted.
        or_more: bool,
    },
    /// No live worker takes jobs of the kind.
    NoWorker,
    /// It waits for a slot of the kind.
    Slot {
        /// How many there are in live workers.
        slots: i64,
        /// Whether all are busy; if not, it is about to start.
        all_busy: bool,
    },
}

impl WhyView {
    pub(crate) fn new(id: JobId, why: Why) -> Self {
        Self {
            id,
            state: why.state,
            waits_for: why.waits_for.into_iter().map(ReasonView::from).collect(),
            running: why.running.map(|(attempt, since)| RunningView { attempt, since }),
        }
    }
}

impl From<Reason> for ReasonView {
    fn from(reason: Reason) -> Self {
        let message = reason.to_string();
        let facts = match reason {
            Reason::Dependency { jobs } => FactsView::Dependency { jobs },
            Reason::Time { until, retry } => FactsView::Time { until, retry },
            Reason::Due => FactsView::Due,
            Reason::TenantSuspended => FactsView::TenantSuspended,
            Reason::Pause { of_tenant, of_kind, since } => FactsView::Pause { of_tenant, of_kind, since },
            Reason::TenantCap { running, max_running } => FactsView::TenantCap { running, max_running },
            Reason::OwnWork { ahead } => FactsView::OwnWork { ahead, or_more: ahead >= AHEAD_COUNTED },
            Reason::NoWorker => FactsView::NoWorker,
            Reason::Slot { slots, all_busy } => FactsView::Slot { slots, all_busy },
        };
        Self { message, facts }
    }
}
