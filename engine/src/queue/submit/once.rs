//! How does a request that is sent twice happen once? By a key of the client's, kept with the answer it got.
//!
//! The key's row is written first in the transaction that does what is asked, and the answer into it before the commit.
//! Who sends the same at that moment waits for the row, and then finds the answer; if the first was refused, its row
//! is gone with all else that it wrote, and the second is the first.

use std::time::Duration;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{NewJob, SubmitError, Tries, write_batch, write_jobs};
use crate::db::{DatabaseError, Db, EngineTx, TenantTx};
use crate::id::{BatchId, JobId};
use crate::job::Job;
use crate::tenant::Tenant;

/// What makes a request the same as an earlier one.
#[derive(Debug, Clone)]
pub struct RequestKey {
    key: Vec<u8>,
    request: Vec<u8>,
    good_for: Duration,
}

impl RequestKey {
    /// A client's key, what it came with, and how long an answer is given again.
    #[must_use]
    pub fn new(key: &str, method: &str, path: &str, body: &[u8], good_for: Duration) -> Self {
        let mut request = Sha256::new();
        for part in [method, "\n", path, "\n"] {
            request.update(part);
        }
        request.update(body);
        Self { key: Sha256::digest(key).to_vec(), request: request.finalize().to_vec(), good_for }
    }
}

/// What a request is answered, to be given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Where to find what was made.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

/// An answer, and whether it was given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// It was done now.
    Now(Answer),
    /// It was done before; nothing was done now.
    Before(Answer),
}

/// What a submit has made.
#[derive(Debug)]
pub enum Taken {
    /// A job, or the one that has its unique key.
    Job {
        /// As it is at this moment.
        job: Box<Job>,
        /// Whether it was there before.
        existing: bool,
    },
    /// A batch, and for each submission its job.
    Batch(BatchId, Vec<JobId>),
}

/// Says what is answered to what was made.
pub type Answering<'a> = &'a (dyn Fn(Taken) -> Result<Answer, SubmitError> + Send + Sync);

/// What is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Making<'a> {
    /// One job.
    Job(&'a NewJob),
    /// A batch of jobs.
    Batch(BatchId, &'a [&'a NewJob]),
}

/// The answer that a request has got, if it has been here before.
///
/// # Errors
/// [`SubmitError::KeyReused`] when it was another request that brought the key.
pub(crate) async fn answered_before(
    db: &Db,
    tenant: &Tenant,
    key: &RequestKey,
) -> Result<Option<Answer>, SubmitError> {
    let mut tx = db.begin_as(tenant).await?;
    let found = find(&mut tx, key).await?;
    tx.commit().await?;
    Ok(found)
}

/// Writes checked jobs and what is answered for them in one transaction, unless that was done before.
///
/// # Errors
/// See [`SubmitError`]; nothing is written then, the key neither.
pub(crate) async fn submit_once(
    db: &Db,
    tenant: &Tenant,
    key: &RequestKey,
    making: Making<'_>,
    answering: Answering<'_>,
) -> Result<Once, SubmitError> {
    let mut tries = Tries::new();
    loop {
        match try_once(db, tenant, key, making, answering).await {
            Ok(Some(once)) => return Ok(once),
            // The row that was in the way is gone: its time was over, or whoever wrote it gave up.
            Ok(None) => {}
            Err(error) if tries.again(&error).await => {}
            Err(error) => return Err(error),
        }
    }
}

async fn try_once(
    db: &Db,
    tenant: &Tenant,
    key: &RequestKey,
    making: Making<'_>,
    answering: Answering<'_>,
) -> Result<Option<Once>, SubmitError> {
    let mut tx = db.begin_as(tenant).await?;
    if !take(&mut tx, key).await? {
        return Ok(find(&mut tx, key).await?.map(Once::Before));
    }
    let (mut tx, taken) = make(tx.leave().await?, tenant, making).await?;
    let answer = answering(taken)?;
    keep(&mut tx, key, &answer).await?;
    tx.commit().await?;
    Ok(Some(Once::Now(answer)))
}

/// Makes it, and looks at it as its tenant will.
async fn make(
    mut tx: EngineTx,
    tenant: &Tenant,
    making: Making<'_>,
) -> Result<(TenantTx, Taken), SubmitError> {
    match making {
        Making::Batch(batch, jobs) => {
            let submitted = write_batch(tx.conn(), tenant, batch, jobs).await?;
            let jobs = submitted.iter().map(|submitted| submitted.job).collect();
            Ok((tx.enter(tenant).await?, Taken::Batch(batch, jobs)))
        }
        Making::Job(job) => {
            let submitted = write_jobs(tx.conn(), tenant, &[job]).await?;
            let mut tx = tx.enter(tenant).await?;
            let ids: Vec<Uuid> = submitted.iter().map(|submitted| submitted.job.0).collect();
            let found = crate::queue::read::read_all(tx.conn(), &ids).await?;
            let existing = submitted.iter().any(|submitted| submitted.existing);
            let job = found.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
            Ok((tx, Taken::Job { job: Box::new(job), existing }))
        }
    }
}

/// Takes a key for this transaction; `false` when it has been answered. Waits for whoever has it at this moment.
async fn take(tx: &mut TenantTx, key: &RequestKey) -> Result<bool, DatabaseError> {
    let taken = sqlx::query_scalar!(
        "insert into idempotency_keys as known (key, request) values ($1, $2)
         on conflict (key) do update set request = excluded.request, created_at = excluded.created_at
         where known.created_at <= esteira.now() - make_interval(secs => $3)
         returning key",
        key.key,
        key.request,
        key.good_for.as_secs_f64()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(taken.is_some())
}

async fn find(tx: &mut TenantTx, key: &RequestKey) -> Result<Option<Answer>, SubmitError> {
    let row = sqlx::query!(
        r#"select request, status as "status!", location, body as "body!" from idempotency_keys
           where key = $1 and created_at > esteira.now() - make_interval(secs => $2)"#,
        key.key,
        key.good_for.as_secs_f64()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.request != key.request {
        return Err(SubmitError::KeyReused);
    }
    let status = u16::try_from(row.status).unwrap_or_default();
    Ok(Some(Answer { status, location: row.location, body: row.body }))
}

async fn keep(tx: &mut TenantTx, key: &RequestKey, answer: &Answer) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update idempotency_keys set status = $2, location = $3, body = $4 where key = $1",
        key.key,
        i16::try_from(answer.status).unwrap_or_default(),
        answer.location,
        answer.body
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_path_and_body_make_a_request_another_one() {
        let key = |method, path, body| RequestKey::new("k", method, path, body, Duration::ZERO).request;
        let one = key("POST", "/v1/jobs", b"{}");
        assert_eq!(one, key("POST", "/v1/jobs", b"{}"));
        for other in
            [key("PUT", "/v1/jobs", b"{}"), key("POST", "/v1/job", b"s\n{}"), key("POST", "/v1/jobs", b"{ }")]
        {
            assert_ne!(one, other);
        }
    }
}
