//! How does a job come into being? Checked, then written to the tenant and to the queue at once.

mod check;
mod gather;
mod hold;
mod needs;
mod once;
mod plan;
mod refs;
mod tries;
mod write;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tokio::task::yield_now;

use crate::artifact::Store;
use crate::db::{DatabaseError, Db};
use crate::id::{BatchId, JobId};
use crate::job::{Catalog, CatalogEntry, CheckedInput, InputError};
use crate::tenant::{Tenant, TenantState};
use check::check_fields;

pub use gather::Submits;
pub(super) use needs::Standing;
pub use once::{Answer, Once, RequestKey, Taken};
pub(crate) use once::{Answering, Making, answered_before, submit_once};
pub use refs::{BatchJob, resolve_refs};
pub(super) use tries::Tries;
pub use write::{NewJob, reached_limit, write_batch, write_jobs};
pub(super) use write::{UNIQUE_KEY, depend, lock_limit, unique_hash};

/// Submissions that are checked before others on this thread get their turn.
const CHECKS_AT_ONCE: usize = 64;

/// What is asked of Esteira.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// The kind of work.
    pub kind: String,
    /// Its input.
    pub input: Value,
    /// −100 to 100, higher first, within the tenant.
    pub priority: i16,
    /// Not before this instant.
    pub run_at: Option<DateTime<Utc>>,
    /// Attempts, if not as many as the kind gives.
    pub max_attempts: Option<u16>,
    /// Time for one attempt, if not what the kind gives.
    pub timeout: Option<Duration>,
    /// While a job with this key is not final, a second submit finds the first.
    pub unique_key: Option<String>,
    /// Jobs that have to succeed before this one runs.
    pub depends_on: Vec<JobId>,
    /// For the submitter's own use.
    pub metadata: Map<String, Value>,
}

/// A submission that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submitted {
    /// The job.
    pub job: JobId,
    /// Whether it was there before: one with the same unique key is not final yet.
    pub existing: bool,
}

/// A field of a submission that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// Its name.
    pub field: &'static str,
    /// Why.
    pub message: String,
}

/// A job was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// There is no such kind.
    #[error("there is no kind {0:?}")]
    UnknownKind(String),
    /// The tenant may not use the kind.
    #[error("this tenant may not submit {0:?}")]
    KindNotAllowed(String),
    /// A field besides `input` cannot be.
    #[error("{field}: {message}")]
    BadField {
        /// Its name.
        field: &'static str,
        /// Why.
        message: String,
    },
    /// Fields besides `input` cannot be.
    #[error("{} fields cannot be as they are", .0.len())]
    BadFields(Vec<FieldFault>),
    /// The input does not fit the kind.
    #[error("the input has {} faults", .0.len())]
    BadInput(Vec<InputError>),
    /// The tenant is suspended.
    #[error("the tenant is suspended")]
    Suspended,
    /// The process ends.
    #[error("the process is shutting down")]
    ShuttingDown,
    /// As many jobs wait as the tenant may have.
    #[error("{limit} jobs wait already, which is this tenant's limit")]
    QueueFull {
        /// The limit.
        limit: i32,
    },
    /// Somebody else submits for this tenant, whose limit one transaction at a time may count up to; it has not ended.
    #[error("another transaction is submitting jobs of this tenant, and has not ended yet")]
    LimitBusy,
    /// Another request has used the idempotency key.
    #[error("the idempotency key came with another request before")]
    KeyReused,
    /// The answer could not be written down.
    #[error("failed to write the answer")]
    Answer(#[from] serde_json::Error),
    /// The database is away.
    #[error("failed to write the job")]
    Database(#[from] DatabaseError),
}

/// A batch was not taken.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// Some of its jobs are refused: the place of each, and why.
    #[error("{} jobs of the batch are refused", .0.len())]
    Jobs(Vec<(usize, SubmitError)>),
    /// The whole is.
    #[error(transparent)]
    Whole(#[from] SubmitError),
}

impl From<sqlx::Error> for SubmitError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// A submission that every check has passed, ready to be written.
#[derive(Debug)]
pub struct Checked<'c> {
    /// Its kind.
    pub entry: &'c CatalogEntry,
    /// What the kind found in its input.
    pub input: CheckedInput,
    /// Jobs that it needs: those it names, and those whose artifacts it reads and that are not over.
    pub needs: Vec<JobId>,
}

/// Everything that a submit checks, without writing.
///
/// # Errors
/// See [`SubmitError`].
pub async fn preflight<'c>(
    db: &Db,
    store: &Store,
    catalog: &'c Catalog,
    tenant: &Tenant,
    submission: &Submission,
) -> Result<Checked<'c>, SubmitError> {
    let checked = preflight_all(db, store, catalog, tenant, &[submission]).await;
    match checked.map(|mut checked| checked.pop()) {
        Ok(Some(checked)) => Ok(checked),
        Err(BatchError::Whole(error)) => Err(error),
        Err(BatchError::Jobs(mut faults)) if !faults.is_empty() => Err(faults.swap_remove(0).1),
        // One submission has either a fault or none.
        Ok(None) | Err(BatchError::Jobs(_)) => Err(SubmitError::ShuttingDown),
    }
}

/// Everything that a submit checks, for many at once: what they need is looked up together.
///
/// # Errors
/// The faults of each submission that has some.
pub async fn preflight_all<'c>(
    db: &Db,
    store: &Store,
    catalog: &'c Catalog,
    tenant: &Tenant,
    submissions: &[&Submission],
) -> Result<Vec<Checked<'c>>, BatchError> {
    if tenant.state != TenantState::Active {
        return Err(SubmitError::Suspended.into());
    }
    let mut asked = Vec::with_capacity(submissions.len());
    let mut faults = Vec::new();
    for (at, submission) in submissions.iter().enumerate() {
        match check_alone(catalog, tenant, submission).await {
            Ok((entry, input)) => asked.push((*submission, entry, input)),
            Err(error) => faults.push((at, error)),
        }
        if (at + 1).is_multiple_of(CHECKS_AT_ONCE) {
            yield_now().await;
        }
    }
    // Only where all have passed: places would not be theirs otherwise, and what is refused needs nothing.
    if !faults.is_empty() {
        return Err(BatchError::Jobs(faults));
    }
    let asks: Vec<_> = asked.iter().map(|(submission, _, input)| (*submission, input)).collect();
    let needs = needs::of_all(db, store, tenant, &asks).await.map_err(SubmitError::from)?;
    let mut checked = Vec::with_capacity(asked.len());
    for (at, ((_, entry, input), needs)) in asked.into_iter().zip(needs).enumerate() {
        match needs {
            Ok(needs) => checked.push(Checked { entry, input, needs }),
            Err(error) => faults.push((at, error)),
        }
    }
    if faults.is_empty() { Ok(checked) } else { Err(BatchError::Jobs(faults)) }
}

/// What a submission shows by itself.
async fn check_alone<'c>(
    catalog: &'c Catalog,
    tenant: &Tenant,
    submission: &Submission,
) -> Result<(&'c CatalogEntry, CheckedInput), SubmitError> {
    let kind = &submission.kind;
    let entry = catalog.get(kind).ok_or_else(|| SubmitError::UnknownKind(kind.clone()))?;
    if tenant.limits.kinds.as_ref().is_some_and(|kinds| !kinds.contains(kind)) {
        return Err(SubmitError::KindNotAllowed(kind.clone()));
    }
    check_fields(submission)?;
    let input = catalog.check(kind, &submission.input).await.map_err(SubmitError::BadInput)?;
    Ok((entry, input))
}

/// Writes the checked jobs of a batch in one transaction.
///
/// # Errors
/// See [`SubmitError`]; nothing is written then.
pub(crate) async fn submit_batch(
    db: &Db,
    tenant: &Tenant,
    batch: BatchId,
    jobs: &[&NewJob],
) -> Result<Vec<Submitted>, SubmitError> {
    db.meet([tenant.id]);
    let mut tries = Tries::new();
    loop {
        let mut tx = db.begin().await?;
        let error = match write_batch(tx.conn(), tenant, batch, jobs).await {
            Ok(submitted) => {
                tx.commit().await?;
                return Ok(submitted);
            }
            Err(error) => error,
        };
        drop(tx);
        if !tries.again(&error).await {
            return Err(error);
        }
    }
}

/// Writes checked jobs of one tenant in one transaction.
///
/// # Errors
/// See [`SubmitError`]; nothing is written then.
pub(crate) async fn submit_jobs(
    db: &Db,
    tenant: &Tenant,
    jobs: &[&NewJob],
) -> Result<Vec<Submitted>, SubmitError> {
    let mut tries = Tries::new();
    loop {
        let error = match submit_now(db, tenant, jobs).await {
            Ok(submitted) => return Ok(submitted),
            Err(error) => error,
        };
        if !tries.again(&error).await {
            return Err(error);
        }
    }
}

/// The same, without a wait for whoever counts the tenant's jobs.
async fn submit_now(db: &Db, tenant: &Tenant, jobs: &[&NewJob]) -> Result<Vec<Submitted>, SubmitError> {
    db.meet([tenant.id]);
    if write::are_plain(jobs)
        && let Some(mut conn) = db.for_one_statement().await?
    {
        return write_jobs(&mut conn, tenant, jobs).await;
    }
    let mut tries = Tries::new();
    loop {
        let mut tx = db.begin().await?;
        let error = match write_jobs(tx.conn(), tenant, jobs).await {
            Ok(submitted) => {
                tx.commit().await?;
                return Ok(submitted);
            }
            Err(error) => error,
        };
        if !tries.again_at_once(&error) {
            return Err(error);
        }
    }
}
