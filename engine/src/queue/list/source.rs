//! Where do the candidates of a page come from? From the one index that leaves the fewest.
//!
//! A page is a range of the key of that index, and in its order. With `kind = $1`, the ids alone would have the same order,
//! and the planner might walk along them through all other kinds. (The first condition ends the walk, and the comparison of
//! rows begins it.)

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::JobFilter;
use crate::db::DatabaseError;
use crate::id::{BatchId, JobId, first_uuid};
use crate::job::JobState;

/// Metadata that fewer jobs have are rare: these are all looked up and sorted.
const RARE: usize = 2_000;
/// How far the clock that made a job's id may be from the database's, which says when it was submitted.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::hours(1);

/// An order of ids from which candidates are taken, newest first.
#[derive(Debug)]
pub(super) enum Source<'f> {
    /// The jobs of a batch.
    Batch(BatchId),
    /// The jobs with rare metadata: all of them, the newest first.
    Rare(Vec<Uuid>),
    /// The jobs that are not over, in a state; of a kind or of any.
    Live(JobState, Option<&'f str>),
    /// The jobs that failed, or were cancelled.
    Ended(JobState),
    /// The jobs that are over, however they ended.
    Over,
    /// The jobs of a kind.
    Kind(&'f str),
    /// All jobs.
    All,
}

/// Which ids are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    /// From this one on.
    pub least: Uuid,
    /// Below this one.
    pub below: Uuid,
}

impl Range {
    /// The ids that jobs of a time can have, beyond the cursor.
    pub fn of(filter: &JobFilter, after: Option<JobId>) -> Self {
        let off = |instant: DateTime<Utc>, by| first_uuid(instant.checked_add_signed(by).unwrap_or(instant));
        let least = filter.created_after.map_or(Uuid::nil(), |instant| off(instant, -CLOCKS_DIFFER));
        let below = filter.created_before.map_or(Uuid::max(), |instant| off(instant, CLOCKS_DIFFER));
        Self { least, below: after.map_or(below, |after| below.min(after.0)) }
    }
}

impl<'f> Source<'f> {
    /// The source for a filter.
    pub async fn of(conn: &mut PgConnection, filter: &'f JobFilter) -> Result<Self, DatabaseError> {
        if let Some(batch) = filter.batch {
            return Ok(Self::Batch(batch));
        }
        if !filter.metadata.is_empty()
            && let Some(ids) = rare(conn, filter).await?
        {
            return Ok(Self::Rare(ids));
        }
        Ok(match (filter.state, filter.kind.as_deref()) {
            (Some(state), kind) if !state.is_final() => Self::Live(state, kind),
            (Some(state @ (JobState::Failed | JobState::Cancelled)), _) => Self::Ended(state),
            // Most jobs that are over succeeded, so those are found among them; however many are not over yet.
            (Some(JobState::Succeeded), None) => Self::Over,
            (_, Some(kind)) => Self::Kind(kind),
            (_, None) => Self::All,
        })
    }

    /// The next candidates of a range, newest first; fewer than `limit` are the last.
    pub async fn next(
        &mut self,
        conn: &mut PgConnection,
        range: &Range,
        limit: usize,
    ) -> Result<Vec<Uuid>, DatabaseError> {
        let Range { least, below } = *range;
        let most = i32::try_from(limit).unwrap_or(i32::MAX);
        let rows = i64::from(most);
        let mut ids: Vec<Uuid> = match self {
            Self::Rare(ids) => ids.iter().copied().filter(|id| *id < below).take(limit).collect(),
            Self::Live(state, kind) => {
                sqlx::query_scalar!(
                    r#"select esteira.live_ids($1, $2, $3, $4) as "id!""#,
                    state.as_str(),
                    *kind,
                    below,
                    most
                )
                .fetch_all(conn)
                .await?
            }
            Self::Batch(batch) => {
                sqlx::query_scalar!(
                    "select id from jobs where batch_id >= $1 and (batch_id, id) < ($1, $2) and batch_id is not null
                     order by batch_id desc, id desc limit $3",
                    batch.0,
                    below,
                    rows
                )
                .fetch_all(conn)
                .await?
            }
            Self::Ended(state) => {
                sqlx::query_scalar!(
                    "select job_id from outcomes
                     where state >= $1 and (state, job_id) < ($1, $2) and state <> 'succeeded'
                     order by state desc, job_id desc limit $3",
                    state.as_str(),
                    below,
                    rows
                )
                .fetch_all(conn)
                .await?
            }
            Self::Over => {
                sqlx::query_scalar!(
                    "select job_id from outcomes where job_id < $1 order by job_id desc limit $2",
                    below,
                    rows
                )
                .fetch_all(conn)
                .await?
            }
            Self::Kind(kind) => {
                sqlx::query_scalar!(
                    "select id from jobs where kind >= $1 and (kind, id) < ($1, $2)
                     order by kind desc, id desc limit $3",
                    *kind,
                    below,
                    rows
                )
                .fetch_all(conn)
                .await?
            }
            Self::All => {
                sqlx::query_scalar!(
                    "select id from jobs where id < $1 order by id desc limit $2",
                    below,
                    rows
                )
                .fetch_all(conn)
                .await?
            }
        };
        // Where the first of these lies, nothing that is looked for is left.
        ids.retain(|id| *id >= least);
        Ok(ids)
    }
}

/// All jobs with the metadata that are asked for, newest first, where those are few.
async fn rare(conn: &mut PgConnection, filter: &JobFilter) -> Result<Option<Vec<Uuid>>, DatabaseError> {
    let mut ids = sqlx::query_scalar!(
        r#"select esteira.ids_by_metadata($1, $2) as "id!""#,
        Value::Object(filter.metadata.clone()),
        i32::try_from(RARE).unwrap_or(i32::MAX)
    )
    .fetch_all(conn)
    .await?;
    ids.sort_unstable_by(|one, other| other.cmp(one));
    Ok(Some(ids).filter(|ids| ids.len() < RARE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_spares_the_ids_of_clocks_that_differ_and_ends_at_the_cursor() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let filter = JobFilter { created_after: Some(at), created_before: Some(at), ..JobFilter::default() };
        let range = Range::of(&filter, None);
        let id = first_uuid(at);
        assert!(range.least < id && id < range.below);
        assert_eq!(Range::of(&filter, Some(JobId(id))).below, id);
        let all = Range::of(&JobFilter::default(), None);
        assert_eq!((all.least, all.below), (Uuid::nil(), Uuid::max()));
    }
}
