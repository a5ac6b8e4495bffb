//! How does a job come into being? Checked, then written to the tenant and to the queue at once.

mod check;
mod gather;
mod hold;
mod needs;
mod write;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::artifact::Store;
use crate::db::{DatabaseError, Db};
use crate::id::JobId;
use crate::job::{Catalog, CatalogEntry, CheckedInput, InputError};
use crate::tenant::{Tenant, TenantState};
use check::check_fields;

pub use gather::Submits;
pub use write::{NewJob, reached_limit, write_jobs};
pub(super) use write::{UNIQUE_KEY, unique_hash};

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
    /// The database is away.
    #[error("failed to write the job")]
    Database(#[from] DatabaseError),
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
    if tenant.state != TenantState::Active {
        return Err(SubmitError::Suspended);
    }
    let kind = &submission.kind;
    let entry = catalog.get(kind).ok_or_else(|| SubmitError::UnknownKind(kind.clone()))?;
    if tenant.limits.kinds.as_ref().is_some_and(|kinds| !kinds.contains(kind)) {
        return Err(SubmitError::KindNotAllowed(kind.clone()));
    }
    check_fields(submission)?;
    let input = catalog.check(kind, &submission.input).await.map_err(SubmitError::BadInput)?;
    let needs = needs::of(db, store, tenant, submission, &input).await?;
    Ok(Checked { entry, input, needs })
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
    db.meet([tenant.id]);
    if write::are_plain(jobs)
        && let Some(mut conn) = db.for_one_statement().await?
    {
        return write_jobs(&mut conn, tenant, jobs).await;
    }
    let mut tries = 0;
    loop {
        let mut tx = db.begin().await?;
        match write_jobs(tx.conn(), tenant, jobs).await {
            Ok(submitted) => {
                tx.commit().await?;
                return Ok(submitted);
            }
            // Somebody else submitted the same key at this moment: the next look finds that job.
            Err(SubmitError::Database(error)) if error.constraint() == Some(UNIQUE_KEY) && tries < 3 => {
                tries += 1;
            }
            Err(error) => return Err(error),
        }
    }
}
