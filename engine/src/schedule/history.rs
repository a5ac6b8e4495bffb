//! What became of a schedule's due instants? Fired, waiting or skipped, and why.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::definition::{ScheduleError, check_version};
use crate::db::{DatabaseError, Db};
use crate::id::{JobId, RunId, ScheduleId};
use crate::tenant::Tenant;

/// What became of a due instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// A job was submitted.
    Fired,
    /// One will be when the run before is over.
    Waiting,
    /// None is.
    Skipped,
}

impl RunState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Fired, Self::Waiting, Self::Skipped];

    /// The text of the column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::Waiting => "waiting",
            Self::Skipped => "skipped",
        }
    }
}

impl FromStr for RunState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| "must be fired, waiting or skipped".to_owned())
    }
}

/// A line of history.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The due instant; of a run by hand, when it was asked for.
    pub due_at: DateTime<Utc>,
    /// The last instant of which the same is true, where these are many.
    pub through: Option<DateTime<Utc>>,
    /// Whether somebody asked for it.
    pub by_hand: bool,
    /// What became of it.
    pub state: RunState,
    /// Why it was skipped, in a word.
    pub reason: Option<String>,
    /// The same in a sentence, where a word says too little.
    pub message: Option<String>,
    /// The job that was submitted.
    pub job: Option<JobId>,
    /// When this was decided.
    pub decided_at: DateTime<Utc>,
}

/// A page of history.
#[derive(Debug)]
pub struct RunPage {
    /// The runs, newest first.
    pub items: Vec<Run>,
    /// Where the next page begins: after this one; `None` at the end.
    pub next: Option<RunId>,
}

struct Row {
    id: Uuid,
    due_at: DateTime<Utc>,
    through: Option<DateTime<Utc>>,
    by_hand: bool,
    state: String,
    reason: Option<String>,
    message: Option<String>,
    job_id: Option<Uuid>,
    decided_at: DateTime<Utc>,
}

impl TryFrom<Row> for Run {
    type Error = DatabaseError;

    fn try_from(row: Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: RunId(row.id),
            due_at: row.due_at,
            through: row.through,
            by_hand: row.by_hand,
            state: row.state.parse().map_err(|error: String| sqlx::Error::Decode(error.into()))?,
            reason: row.reason,
            message: row.message,
            job: row.job_id.map(JobId),
            decided_at: row.decided_at,
        })
    }
}

/// A page of a schedule's history, at most `limit`, older than `after`.
pub(crate) async fn history(
    db: &Db,
    tenant: &Tenant,
    schedule: ScheduleId,
    state: Option<RunState>,
    after: Option<RunId>,
    limit: u16,
) -> Result<RunPage, ScheduleError> {
    check_version(tenant)?;
    let mut tx = db.begin_as(tenant).await?;
    let known = sqlx::query_scalar!("select id from schedules where id = $1", schedule.0)
        .fetch_optional(tx.conn())
        .await?;
    if known.is_none() {
        return Err(ScheduleError::Unknown);
    }
    let rows = sqlx::query_as!(
        Row,
        r#"select id, due_at, through, by_hand, state, reason, message, job_id, decided_at
           from schedule_runs
           where schedule_id = $1 and ($2::uuid is null or id < $2) and ($3::text is null or state = $3)
           order by id desc limit $4"#,
        schedule.0,
        after.map(|id| id.0),
        state.map(RunState::as_str),
        i64::from(limit) + 1
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let mut items = rows.into_iter().map(Run::try_from).collect::<Result<Vec<_>, _>>()?;
    let more = items.len() > usize::from(limit);
    items.truncate(usize::from(limit));
    let next = items.last().filter(|_| more).map(|last| last.id);
    Ok(RunPage { items, next })
}
