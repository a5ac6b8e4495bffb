//! How does a job that ended get another chance? Its outcome goes, and it is queued anew, to wait for what it needs.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::batch;
use super::submit::{Standing, Tries, UNIQUE_KEY, depend, lock_limit, reached_limit, unique_hash};
use crate::checkpoint;
use crate::db::{DatabaseError, Db};
use crate::id::{BatchId, JobId};
use crate::job::JobState;
use crate::tenant::{Tenant, TenantState};
use crate::usage;

/// A job was not retried.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// The tenant has no such job.
    #[error("there is no such job")]
    Unknown,
    /// Only a failed or cancelled job can be retried.
    #[error("the job is {0}; only a failed or cancelled one can be retried")]
    NotRetryable(JobState),
    /// The tenant is suspended.
    #[error("the tenant is suspended")]
    Suspended,
    /// The tenant may not use the kind any more.
    #[error("this tenant may not submit {0:?}")]
    KindNotAllowed(String),
    /// As many jobs wait as the tenant may have.
    #[error("{limit} jobs wait already, which is this tenant's limit")]
    QueueFull {
        /// The limit.
        limit: i32,
    },
    /// Somebody else submits for this tenant, and has not ended; see [`SubmitError`](super::SubmitError).
    #[error("another transaction is submitting jobs of this tenant, and has not ended yet")]
    LimitBusy,
    /// A job that it needs did not succeed.
    #[error("it depends on job {0}, which did not succeed; retry that one first")]
    NeedFailed(JobId),
    /// Another job with the same unique key is not final.
    #[error("another job with the same unique_key is not over yet")]
    KeyInUse,
    /// A copy of the job is not final, that of a tenant which was made of an archive.
    #[error("a copy of the job, in a tenant that was imported, is not over yet")]
    CopyIsLive,
    /// The database is away.
    #[error("failed to queue the job again")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for RetryError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Queues a failed or cancelled job again, with all its attempts; it is blocked while a job that it needs is not over.
/// Gives its kind.
pub async fn retry(db: &Db, tenant: &Tenant, job: JobId) -> Result<String, RetryError> {
    let mut tries = Tries::new();
    loop {
        match try_retry(db, tenant, job).await {
            Err(RetryError::LimitBusy) if tries.limit_is_free_soon().await => {}
            done => return done,
        }
    }
}

async fn try_retry(db: &Db, tenant: &Tenant, job: JobId) -> Result<String, RetryError> {
    if tenant.state != TenantState::Active {
        return Err(RetryError::Suspended);
    }
    let mut tx = db.begin_as(tenant).await?;
    // Whoever deletes the outcome has the retry; a second call finds none and sees a queued job.
    let gone = sqlx::query!(
        "delete from outcomes where job_id = $1 and state in ('failed', 'cancelled')
         returning lease, state, finished_at",
        job.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(gone) = gone else {
        let state = super::read::state(tx.conn(), job).await?.ok_or(RetryError::Unknown)?;
        return Err(RetryError::NotRetryable(state));
    };
    let row = sqlx::query!(
        r#"select kind, priority, max_attempts, timeout_seconds, unique_key, batch_id, depends_on,
                  (select greatest($2, max(lease)) from attempts where job_id = jobs.id) as "lease!"
           from jobs where id = $1"#,
        job.0,
        gone.lease
    )
    .fetch_one(tx.conn())
    .await?;
    if tenant.limits.kinds.as_ref().is_some_and(|kinds| !kinds.contains(&row.kind)) {
        return Err(RetryError::KindNotAllowed(row.kind));
    }
    if tenant.keeps_usage() {
        let end = (gone.state.as_str(), gone.finished_at);
        usage::take_back(tx.conn(), tenant, &row.kind, end).await?;
    }
    // Its checkpoints went with its end; should they not have gone yet, it begins anew all the same.
    if checkpoint::are_kept_by(tenant) {
        checkpoint::delete_of(tx.conn(), job).await?;
    }
    let mut tx = tx.leave().await?;
    if !lock_limit(tx.conn(), tenant).await? {
        return Err(RetryError::LimitBusy);
    }
    if let Some(limit) = reached_limit(tx.conn(), tenant, 1).await? {
        return Err(RetryError::QueueFull { limit });
    }
    let needs: BTreeSet<JobId> = row.depends_on.unwrap_or_default().into_iter().map(JobId).collect();
    let standing = Standing::look(tx.conn(), tenant, &needs).await?;
    let mut waits_for = Vec::new();
    for need in needs {
        match standing.of(need) {
            Some(JobState::Failed | JobState::Cancelled) => return Err(RetryError::NeedFailed(need)),
            // One that is gone was over long ago.
            Some(JobState::Succeeded) | None => {}
            Some(_) => waits_for.push((need, job)),
        }
    }
    sqlx::query!(
        "select esteira.enqueue($1, $2, $3, $4, $5, $6, $7, $10, $8, $9)",
        tenant.id.0,
        &[job.0],
        std::slice::from_ref(&row.kind),
        &[row.priority],
        &[None] as &[Option<DateTime<Utc>>],
        &[row.max_attempts],
        &[row.timeout_seconds],
        &[row.unique_key.as_deref().map(unique_hash)] as &[Option<Vec<u8>>],
        row.batch_id,
        &[i16::try_from(waits_for.len()).unwrap_or(i16::MAX)]
    )
    .execute(tx.conn())
    .await
    .map_err(|error| {
        let error = DatabaseError::from(error);
        match error.constraint() {
            Some(UNIQUE_KEY) => RetryError::KeyInUse,
            Some("queue_pkey") => RetryError::CopyIsLive,
            _ => error.into(),
        }
    })?;
    if !waits_for.is_empty() {
        depend(tx.conn(), &waits_for).await?;
    }
    // Leases are never used twice: what an earlier one left in S3 stays apart from the new ones. One is left out, which
    // tells the job's timeline that a new life began here.
    sqlx::query!("update esteira.queue set lease = $2 where job_id = $1", job.0, row.lease.saturating_add(1))
        .execute(tx.conn())
        .await?;
    if let Some(batch) = row.batch_id {
        batch::resume(&mut tx, tenant, BatchId(batch)).await?;
    }
    tx.commit().await?;
    Ok(row.kind)
}
