//! How is a job stopped? One that waits ends at once; one that runs is asked to.

use super::batch;
use super::settle::{Doomed, end_dependents_of};
use crate::db::{DatabaseError, Db};
use crate::id::{BatchId, JobId};
use crate::job::JobState;
use crate::tenant::Tenant;

/// A job was not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// The tenant has no such job.
    #[error("there is no such job")]
    Unknown,
    /// It is over.
    #[error("the job is {0} already")]
    Final(JobState),
    /// The database is away.
    #[error("failed to cancel the job")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for CancelError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// What a cancel did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancelled {
    /// The job is `cancelled`, and so are these, which depended on it.
    AtOnce(Vec<JobId>),
    /// Its worker was asked to stop it.
    Asked,
}

/// Cancels a job of a tenant; harmless when it is cancelled already.
///
/// # Errors
/// See [`CancelError`].
pub async fn cancel(db: &Db, tenant: &Tenant, job: JobId) -> Result<Cancelled, CancelError> {
    loop {
        // A job that was over and is queued again by the time its end is looked for is looked for anew.
        if let Some(cancelled) = cancel_once(db, tenant, job).await? {
            return Ok(cancelled);
        }
    }
}

async fn cancel_once(db: &Db, tenant: &Tenant, job: JobId) -> Result<Option<Cancelled>, CancelError> {
    let mut tx = db.begin().await?;
    // What it waits for goes first, and then its row is locked: the order in which the end of what it needs takes
    // both, so that the two wait for each other one way only.
    sqlx::query!(
        "delete from esteira.dependencies as d using esteira.queue as q
         where d.job_id = $1 and q.job_id = d.job_id and q.tenant_id = $2",
        job.0,
        tenant.id.0
    )
    .execute(tx.conn())
    .await?;
    let row = sqlx::query!(
        "select kind, state, attempt, lease, batch_id from esteira.queue where job_id = $1 and tenant_id = $2 for update",
        job.0,
        tenant.id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else {
        let mut tx = tx.enter(tenant).await?;
        return match super::read::state(tx.conn(), job).await? {
            None => Err(CancelError::Unknown),
            Some(JobState::Cancelled) => Ok(Some(Cancelled::AtOnce(Vec::new()))),
            Some(state) if state.is_final() => Err(CancelError::Final(state)),
            Some(_) => Ok(None),
        };
    };
    if row.state == "running" {
        sqlx::query!(
            "update esteira.queue set cancel_requested_at = coalesce(cancel_requested_at, esteira.now())
             where job_id = $1",
            job.0
        )
        .execute(tx.conn())
        .await?;
        tx.commit().await?;
        return Ok(Some(Cancelled::Asked));
    }
    sqlx::query!("delete from esteira.queue where job_id = $1", job.0).execute(tx.conn()).await?;
    let Doomed { jobs: dependents, kinds, batches } = end_dependents_of(&mut tx, tenant, job).await?;
    // By the door that every end goes through, so that the webhooks hear of this one, too.
    sqlx::query!(
        "select esteira.keep_ends($1, $2, array[$3::uuid], '{cancelled}', array[$4::smallint], array[$5::integer],
                                  null, null, '{null}', null, null, null, null, null, null, false)",
        tenant.id.0,
        row.kind,
        job.0,
        row.attempt,
        row.lease
    )
    .execute(tx.conn())
    .await?;
    let batches: Vec<BatchId> = batches.into_iter().chain(row.batch_id.map(BatchId)).collect();
    if !batches.is_empty() {
        batch::end(tx.conn(), tenant, &batches).await?;
    }
    tx.commit().await?;
    db.meter().jobs().ended_waiting(&row.kind, false);
    for kind in &kinds {
        db.meter().jobs().ended_waiting(kind, true);
    }
    Ok(Some(Cancelled::AtOnce(dependents)))
}
