//! What does a caller see of a run? Its due time, what became of it, and why nothing did.

use chrono::{DateTime, Utc};
use esteira_engine::id::{JobId, RunId};
use esteira_engine::schedule::{Run, RunState};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// What became of a due time of a schedule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScheduleRun, example = json!({
    "id": "0192f0c7-89ab-7abc-8def-0123456789ab", "due_at": "2026-11-25T05:00:00Z", "through": null,
    "by_hand": false, "state": "fired", "reason": null, "message": null,
    "job_id": "0192f0c2-3456-7abc-8def-0123456789ab", "decided_at": "2026-11-25T05:00:00.031Z",
}))]
pub(crate) struct RunView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: RunId,
    /// The due time; of a run by hand, when it was asked for.
    pub due_at: DateTime<Utc>,
    /// The last due time of which the same is true, where one line stands for many.
    #[schema(required)]
    pub through: Option<DateTime<Utc>>,
    /// Whether somebody asked for it.
    pub by_hand: bool,
    /// What became of it.
    #[schema(schema_with = state_schema)]
    pub state: &'static str,
    /// Why it was skipped: `missed`, `overlap`, `line_full`, `refused` or `paused`.
    #[schema(required, example = json!(null))]
    pub reason: Option<String>,
    /// The same for a person, where the word says too little.
    #[schema(required, example = json!(null))]
    pub message: Option<String>,
    /// The job that was submitted.
    #[schema(value_type = Option<Uuid>, required)]
    pub job_id: Option<JobId>,
    /// When this was decided.
    pub decided_at: DateTime<Utc>,
}

impl From<Run> for RunView {
    fn from(run: Run) -> Self {
        Self {
            id: run.id,
            due_at: run.due_at,
            through: run.through,
            by_hand: run.by_hand,
            state: run.state.as_str(),
            reason: run.reason,
            message: run.message,
            job_id: run.job,
            decided_at: run.decided_at,
        }
    }
}

/// The states, from the engine's list.
pub(crate) fn state_schema() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(RunState::ALL.map(RunState::as_str)))
        .description(Some(
            "`fired` has submitted a job, `waiting` will when the run before is over, `skipped` does not.",
        ))
        .build()
}
