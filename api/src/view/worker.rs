//! What does an operator see of a worker?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use esteira_engine::id::WorkerId;
use esteira_engine::queue::{WorkerInfo, WorkerState};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// One life of a worker process.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Worker, example = json!({
    "id": "0192f0c6-789a-7abc-8def-0123456789ab", "state": "live", "host": "worker-1", "pid": 4711,
    "version": "0.1.0", "slots": {"video.generate": 2}, "running": 1,
    "started_at": "2026-11-24T15:04:05Z", "lease_until": "2026-11-24T15:05:05Z", "draining_at": null,
}))]
pub(crate) struct WorkerView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: WorkerId,
    /// How it stands.
    #[schema(schema_with = state_schema)]
    pub state: &'static str,
    /// The machine that it runs on.
    pub host: String,
    /// Its process there.
    pub pid: i32,
    /// Its version of Esteira.
    pub version: String,
    /// Jobs at the same time, by kind.
    pub slots: BTreeMap<String, u64>,
    /// Jobs that it runs.
    pub running: i64,
    /// When it registered.
    pub started_at: DateTime<Utc>,
    /// When it is given up, unless it is heard of before.
    pub lease_until: DateTime<Utc>,
    /// Since when it is to take no more jobs.
    #[schema(required)]
    pub draining_at: Option<DateTime<Utc>>,
}

impl From<WorkerInfo> for WorkerView {
    fn from(worker: WorkerInfo) -> Self {
        Self {
            id: worker.id,
            state: worker.state.as_str(),
            host: worker.host,
            pid: worker.pid,
            version: worker.version,
            slots: worker.slots,
            running: worker.running,
            started_at: worker.started_at,
            lease_until: worker.lease_until,
            draining_at: worker.draining_at,
        }
    }
}

/// The states, from the engine's list.
fn state_schema() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(WorkerState::ALL.map(WorkerState::as_str)))
        .description(Some(
            "`draining` takes no more jobs and still runs some, `drained` runs none; `lost` was not heard of \
             for longer than its lease.",
        ))
        .build()
}
