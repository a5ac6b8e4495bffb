//! What does a caller see of a batch?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use esteira_engine::id::BatchId;
use esteira_engine::job::JobState;
use esteira_engine::queue::Batch;
use serde::Serialize;
use utoipa::ToSchema;

/// Jobs that were submitted together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Batch, example = json!({
    "id": "0192f0c3-4567-7abc-8def-0123456789ab",
    "counts": {
        "blocked": 0, "scheduled": 0, "queued": 7, "running": 1, "succeeded": 2, "failed": 0, "cancelled": 0,
    },
    "progress": {"fraction": 0.2, "done": 2, "total": 10},
    "created_at": "2026-11-24T15:04:05Z", "finished_at": null,
}))]
pub(crate) struct BatchView {
    /// Its id, a UUIDv7.
    #[schema(value_type = uuid::Uuid)]
    pub id: BatchId,
    /// How many jobs are in each state; every state is there. Jobs that are kept no longer are in none.
    #[schema(value_type = BTreeMap<String, u32>, example = json!({"queued": 7, "running": 1, "succeeded": 2}))]
    pub counts: BTreeMap<JobState, u32>,
    /// How far it is.
    pub progress: BatchProgressView,
    /// When it was submitted.
    pub created_at: DateTime<Utc>,
    /// When the last of its jobs ended; null while one has not, also when it is tried again.
    #[schema(required)]
    pub finished_at: Option<DateTime<Utc>>,
}

/// How far a batch is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchProgress)]
pub(crate) struct BatchProgressView {
    /// The share of its jobs that is final, between 0 and 1.
    pub fraction: f64,
    /// Jobs that are final.
    pub done: u32,
    /// Jobs that it was made of.
    pub total: u32,
}

impl From<Batch> for BatchView {
    fn from(batch: Batch) -> Self {
        let (done, total) = (batch.done(), batch.jobs);
        // A batch of nothing but jobs that were there before has none of its own, and is done.
        let fraction = if total == 0 { 1.0 } else { f64::from(done) / f64::from(total) };
        let mut counts: BTreeMap<JobState, u32> = JobState::ALL.into_iter().map(|state| (state, 0)).collect();
        counts.extend(batch.counts);
        Self {
            id: batch.id,
            counts,
            progress: BatchProgressView { fraction, done, total },
            created_at: batch.created_at,
            finished_at: batch.finished_at,
        }
    }
}
