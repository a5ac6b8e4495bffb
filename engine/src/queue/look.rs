//! How does a follower learn of what nobody tells it? One look at all jobs that this process follows.
//!
//! A claim of hundreds of jobs and a promotion tell nobody which jobs they were: that would cost the hot path a hint for
//! each of them, and hardly any is followed. Instead whoever has followers looks for itself, by one statement over the
//! primary key for all of them, and only as long as there are any.

use std::collections::HashMap;
use std::time::Duration;

use super::watched::Watched;
use crate::db::{DatabaseError, Db, answered};
use crate::id::JobId;

/// How often all jobs are looked at that somebody follows.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Jobs of one statement at most.
const MOST: usize = 5_000;

/// Looks once, and tells the followers of jobs that stand otherwise than before.
pub(super) async fn look(db: &Db, watched: &Watched) -> Result<(), DatabaseError> {
    for jobs in watched.followed().chunks(MOST) {
        let mut standings = answered(standings(db, jobs)).await?;
        for job in jobs {
            watched.stands(*job, standings.remove(job));
        }
    }
    Ok(())
}

async fn standings(db: &Db, jobs: &[JobId]) -> Result<HashMap<JobId, (String, i32)>, DatabaseError> {
    let rows = sqlx::query!(
        "select job_id, state, lease from esteira.queue where job_id = any ($1)",
        &jobs.iter().map(|job| job.0).collect::<Vec<_>>()
    )
    .fetch_all(db.pool())
    .await?;
    Ok(rows.into_iter().map(|row| (JobId(row.job_id), (row.state, row.lease))).collect())
}
