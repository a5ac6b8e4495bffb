//! How is written down what became of due instants? Lines of history, each into its tenant's schema.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::history::RunState;
use crate::db::DatabaseError;
use crate::id::{JobId, RunId, ScheduleId, TenantId};

/// What became of an instant, to be written down.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub tenant: TenantId,
    pub schedule: ScheduleId,
    /// Of one that waited, the id that it has already.
    pub id: RunId,
    pub due: DateTime<Utc>,
    pub through: Option<DateTime<Utc>>,
    pub by_hand: bool,
    pub state: RunState,
    pub reason: Option<&'static str>,
    pub message: Option<String>,
    pub job: Option<JobId>,
}

/// Writes them down, under the engine's role.
pub(super) async fn keep(conn: &mut PgConnection, runs: &[&Kept]) -> Result<(), DatabaseError> {
    let all = |of: fn(&Kept) -> Uuid| runs.iter().map(|run| of(run)).collect::<Vec<_>>();
    sqlx::query!(
        "select esteira.keep_schedule_runs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &runs.iter().map(|run| run.tenant.0).collect::<Vec<_>>(),
        &all(|run| run.id.0),
        &all(|run| run.schedule.0),
        &runs.iter().map(|run| run.due).collect::<Vec<_>>(),
        &runs.iter().map(|run| run.through).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &runs.iter().map(|run| run.by_hand).collect::<Vec<_>>(),
        &runs.iter().map(|run| run.state.as_str()).collect::<Vec<_>>() as &[&str],
        &runs.iter().map(|run| run.reason).collect::<Vec<_>>() as &[Option<&str>],
        &runs.iter().map(|run| run.message.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &runs.iter().map(|run| run.job.map(|job| job.0)).collect::<Vec<_>>() as &[Option<Uuid>]
    )
    .execute(conn)
    .await?;
    Ok(())
}
