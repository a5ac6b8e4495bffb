//! Which workers are there, and which of them take no more jobs?
//!
//! A worker that drains is given no more jobs from that commit on; with its next heartbeat it learns so and stops
//! asking. It finishes what it runs, keeps its lease and stays registered, until it is stopped or resumed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::db::{DatabaseError, Db};
use crate::id::WorkerId;

/// How a worker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerState {
    /// It claims jobs.
    Live,
    /// It claims no more, and still runs some.
    Draining,
    /// It claims no more, and runs none.
    Drained,
    /// It was not heard of for longer than its lease; its jobs are rescued.
    Lost,
}

impl WorkerState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Live, Self::Draining, Self::Drained, Self::Lost];

    /// The text of the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Draining => "draining",
            Self::Drained => "drained",
            Self::Lost => "lost",
        }
    }

    fn of(lost: bool, draining: bool, running: i64) -> Self {
        match (lost, draining, running) {
            (true, _, _) => Self::Lost,
            (false, false, _) => Self::Live,
            (false, true, 0) => Self::Drained,
            (false, true, _) => Self::Draining,
        }
    }
}

/// One life of a worker process.
#[derive(Debug, Clone)]
pub struct WorkerInfo {
    /// Its id.
    pub id: WorkerId,
    /// How it stands.
    pub state: WorkerState,
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
    pub draining_at: Option<DateTime<Utc>>,
}

/// A worker was neither drained nor resumed.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    /// No such worker.
    #[error("there is no such worker")]
    Unknown,
    /// It was not heard of for longer than its lease.
    #[error("the worker is lost: it was not heard of for longer than its lease")]
    Lost,
    /// The database is away.
    #[error("failed to tell the worker")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for DrainError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Every worker that is registered, the oldest first.
pub async fn workers(db: &Db) -> Result<Vec<WorkerInfo>, DatabaseError> {
    select(db, None).await
}

/// Drains a live worker, or undoes that; twice is harmless, and the first instant stays.
pub async fn set_draining(db: &Db, worker: WorkerId, draining: bool) -> Result<WorkerInfo, DrainError> {
    let told = sqlx::query_scalar!(
        "update esteira.workers set draining_at = case when $2 then coalesce(draining_at, esteira.now()) end
         where id = $1 and lost_at is null and lease_until > esteira.now() returning id",
        worker.0,
        draining
    )
    .fetch_optional(db.pool())
    .await?;
    let found = select(db, Some(worker)).await?.into_iter().next().ok_or(DrainError::Unknown)?;
    if told.is_some() { Ok(found) } else { Err(DrainError::Lost) }
}

async fn select(db: &Db, only: Option<WorkerId>) -> Result<Vec<WorkerInfo>, DatabaseError> {
    let rows = sqlx::query!(
        r#"select w.id, w.host, w.pid, w.version, w.slots, w.started_at, w.lease_until, w.draining_at,
                  w.lost_at is not null or w.lease_until <= esteira.now() as "lost!",
                  (select count(*) from esteira.queue as q
                   where q.worker_id = w.id and q.state = 'running') as "running!"
           from esteira.workers as w where $1::uuid is null or w.id = $1
           order by w.started_at, w.id"#,
        only.map(|id| id.0)
    )
    .fetch_all(db.pool())
    .await?;
    rows.into_iter()
        .map(|row| {
            let slots =
                serde_json::from_value(row.slots).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            Ok(WorkerInfo {
                id: WorkerId(row.id),
                state: WorkerState::of(row.lost, row.draining_at.is_some(), row.running),
                host: row.host,
                pid: row.pid,
                version: row.version,
                slots,
                running: row.running,
                started_at: row.started_at,
                lease_until: row.lease_until,
                draining_at: row.draining_at,
            })
        })
        .collect()
}
