//! How does a caller wait for the end of a job? By a hint, and by looking again now and then.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::Hub;
use crate::db::{DatabaseError, Db};
use crate::id::JobId;
use crate::job::Job;
use crate::tenant::Tenant;

/// How often a waiter looks without a hint.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The job as soon as it is final, or as it is when the time is over.
pub async fn wait(
    db: &Db,
    hub: &Hub,
    tenant: &Tenant,
    job: JobId,
    longest: Duration,
) -> Result<Option<Job>, DatabaseError> {
    let end = Instant::now() + longest;
    let mut watch = hub.watch(job);
    loop {
        // The mark is set before the look, so that no hint falls between the two.
        watch.mark();
        let found = super::read(db, tenant, job).await?;
        match &found {
            Some(job) if !job.state.is_final() && Instant::now() < end => {}
            _ => return Ok(found),
        }
        let look_again = end.min(Instant::now() + LOOK_EVERY);
        let _timed_out = timeout_at(look_again, watch.news()).await;
    }
}
