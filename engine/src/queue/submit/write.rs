//! How are checked jobs written? The queue's rows and the tenant's rows, in the caller's transaction.

use std::collections::HashMap;

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::hold::hold;
use super::needs::Standing;
use super::plan::{Found, Plan, plan};
use super::{Fresh, Submission, SubmitError, Submitted};
use crate::db::DatabaseError;
use crate::id::{BatchId, JobId};
use crate::job::{CatalogEntry, FileReference, Job, JobState};
use crate::queue::batch;
use crate::tenant::Tenant;
use crate::trace::TraceContext;

/// The index that holds unique keys of jobs that are not final.
pub(in crate::queue) const UNIQUE_KEY: &str = "queue_unique_key";

/// What `esteira.write_jobs` answers instead of a limit while somebody else counts up to it.
const LIMIT_BUSY: i32 = -1;

/// A job as it will be written.
#[derive(Debug)]
pub struct NewJob {
    pub(super) id: JobId,
    kind: String,
    input: Value,
    input_bytes: i32,
    metadata: Value,
    priority: i16,
    run_at: Option<DateTime<Utc>>,
    max_attempts: i16,
    timeout_seconds: i32,
    pub(super) unique_key: Option<String>,
    pub(super) needs: Vec<JobId>,
    files: Vec<FileReference>,
    trace: Option<TraceContext>,
}

impl NewJob {
    /// From a submission that was checked.
    #[must_use]
    pub fn new(entry: &CatalogEntry, submission: &Submission, needs: Vec<JobId>) -> Self {
        Self::with_id(JobId::new(), entry, submission, needs)
    }

    /// The same with an id that others of its batch know.
    #[must_use]
    pub fn with_id(id: JobId, entry: &CatalogEntry, submission: &Submission, needs: Vec<JobId>) -> Self {
        let defaults = &entry.info.defaults;
        let timeout = submission.timeout.unwrap_or(defaults.timeout).as_secs();
        Self {
            id,
            kind: submission.kind.clone(),
            input_bytes: i32::try_from(submission.input.to_string().len()).unwrap_or(i32::MAX),
            input: submission.input.clone(),
            metadata: Value::Object(submission.metadata.clone()),
            priority: submission.priority,
            // As the database will keep it.
            run_at: submission.run_at.map(|at| at.trunc_subsecs(6)),
            max_attempts: i16::try_from(submission.max_attempts.unwrap_or(defaults.max_attempts))
                .unwrap_or(1),
            timeout_seconds: i32::try_from(timeout).unwrap_or(i32::MAX),
            unique_key: submission.unique_key.clone(),
            needs,
            files: Vec::new(),
            trace: TraceContext::current(),
        }
    }

    /// The same with the files that it reads, which have to be there when it is written.
    #[must_use]
    pub fn reading(self, files: Vec<FileReference>) -> Self {
        Self { files, ..self }
    }

    /// The files that it reads.
    pub(super) fn files(&self) -> &[FileReference] {
        &self.files
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// How it stands, written at this instant with so many others to wait for: as `esteira.enqueue` decides.
    fn fresh(&self, blockers: i16, at: DateTime<Utc>) -> Fresh {
        let state = match self.run_at {
            _ if blockers > 0 => JobState::Blocked,
            Some(run_at) if run_at > at => JobState::Scheduled,
            _ => JobState::Queued,
        };
        Fresh { state, at }
    }

    /// What its tenant sees of it now, which therefore need not be read.
    #[must_use]
    pub fn seen(&self, fresh: Fresh) -> Job {
        Job {
            id: self.id,
            kind: self.kind.clone(),
            state: fresh.state,
            priority: self.priority,
            attempt: 0,
            max_attempts: self.max_attempts,
            timeout_seconds: self.timeout_seconds,
            progress: None,
            input: self.input.clone(),
            output: None,
            error: None,
            metadata: self.metadata.clone(),
            batch: None,
            artifacts: Vec::new(),
            created_at: fresh.at,
            run_at: self.run_at.unwrap_or(fresh.at),
            started_at: None,
            finished_at: None,
            cancel_requested_at: None,
            waited: None,
        }
    }
}

/// Whether jobs can be written by one statement: nothing is to be looked up before.
pub(super) fn are_plain(jobs: &[&NewJob]) -> bool {
    let is_plain = |job: &&NewJob| {
        job.needs.is_empty() && job.unique_key.is_none() && job.files.is_empty() && job.trace.is_none()
    };
    jobs.iter().all(is_plain)
}

/// Writes jobs of one tenant that [`preflight`](super::preflight) has passed, inside the caller's transaction: they
/// exist when that commits. Tells for each which job it is.
///
/// The connection is one of the engine's role on Esteira's database, and is under that role again
/// afterwards. It may hold the lanes of the jobs' kinds, so the commit has to follow at once. Whoever commits may send [`Signal::Queued`](crate::queue::Signal::Queued); polls find the jobs in any
/// case.
///
/// # Errors
/// [`SubmitError::QueueFull`], [`SubmitError::LimitBusy`], a needed job that there is not, or the database's. The
/// transaction is then to be rolled back.
pub async fn write_jobs(
    conn: &mut PgConnection,
    tenant: &Tenant,
    jobs: &[&NewJob],
) -> Result<Vec<Submitted>, SubmitError> {
    write_with(conn, tenant, None, jobs).await
}

/// Writes the jobs of a new batch, as [`write_jobs`] does. They may need each other.
///
/// # Errors
/// As [`write_jobs`].
pub async fn write_batch(
    conn: &mut PgConnection,
    tenant: &Tenant,
    batch: BatchId,
    jobs: &[&NewJob],
) -> Result<Vec<Submitted>, SubmitError> {
    write_with(conn, tenant, Some(batch), jobs).await
}

async fn write_with(
    conn: &mut PgConnection,
    tenant: &Tenant,
    batch: Option<BatchId>,
    jobs: &[&NewJob],
) -> Result<Vec<Submitted>, SubmitError> {
    let found = Found::of(jobs, &taken_keys(conn, tenant, jobs).await?);
    let needed = found.needed_of_others(jobs);
    if !needed.is_empty() && tenant.limits.max_queued.is_some() {
        // Before jobs are held: whoever waits for the limit must not hold what its owner waits for.
        if !lock_limit(conn, tenant).await? {
            return Err(SubmitError::LimitBusy);
        }
    }
    let standing = Standing::look(conn, tenant, &needed).await?;
    hold(conn, tenant, jobs, &standing).await?;
    let Plan { mut submitted, queued, blockers, dependencies, doomed } = plan(jobs, found, &standing)?;
    if !queued.is_empty() {
        let at = write(conn, tenant, batch, &queued, &blockers).await?;
        let mut fresh =
            queued.iter().zip(&blockers).map(|(job, blockers)| (job.id, job.fresh(*blockers, at)));
        // Both are in the order of `jobs`.
        let mut next = fresh.next();
        for submitted in submitted.iter_mut().filter(|submitted| !submitted.existing) {
            if let Some((_, as_written)) = next.filter(|(job, _)| *job == submitted.job) {
                submitted.fresh = Some(as_written);
                next = fresh.next();
            }
        }
    }
    keep_traces(conn, &queued).await?;
    if !dependencies.is_empty() {
        depend(conn, &dependencies).await?;
    }
    if !doomed.is_empty() {
        keep_doomed(conn, tenant, batch, &doomed).await?;
    }
    if let Some(batch) = batch {
        batch::begin(conn, tenant, batch, queued.len() + doomed.len(), queued.len()).await?;
    }
    Ok(submitted)
}

/// The keys among those of some jobs that a job in the queue has already.
async fn taken_keys(
    conn: &mut PgConnection,
    tenant: &Tenant,
    jobs: &[&NewJob],
) -> Result<HashMap<Vec<u8>, JobId>, DatabaseError> {
    let hashes: Vec<Vec<u8>> =
        jobs.iter().filter_map(|job| job.unique_key.as_deref()).map(unique_hash).collect();
    if hashes.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"select unique_key as "key!", job_id from esteira.queue where tenant_id = $1 and unique_key = any ($2)"#,
        tenant.id.0,
        &hashes
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.key, JobId(row.job_id))).collect())
}

/// What the control schema keeps of a unique key: enough to compare, nothing to read.
pub(in crate::queue) fn unique_hash(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}

/// Writes jobs for the queue; tells the instant at which they came into being.
async fn write(
    conn: &mut PgConnection,
    tenant: &Tenant,
    batch: Option<BatchId>,
    jobs: &[&NewJob],
    blockers: &[i16],
) -> Result<DateTime<Utc>, SubmitError> {
    let new = Columns::of(jobs);
    let hash = |job: &&NewJob| job.unique_key.as_deref().map(unique_hash);
    let written = sqlx::query!(
        r#"select esteira.write_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) as reached,
                  esteira.now() as "at!""#,
        tenant.id.0,
        &new.ids,
        &new.kinds as &[&str],
        &new.inputs as &[&Value],
        &new.input_bytes,
        &new.metadata as &[&Value],
        &new.priorities,
        &new.max_attempts,
        &new.timeouts,
        &new.run_at as &[Option<DateTime<Utc>>],
        blockers,
        &new.unique_keys as &[Option<&str>],
        &jobs.iter().map(hash).collect::<Vec<_>>() as &[Option<Vec<u8>>],
        &new.needs as &[Option<Value>],
        batch.map(|batch| batch.0)
    )
    .fetch_one(conn)
    .await?;
    match written.reached {
        Some(LIMIT_BUSY) => Err(SubmitError::LimitBusy),
        Some(limit) => Err(SubmitError::QueueFull { limit }),
        None => Ok(written.at),
    }
}

/// Jobs as the columns that a statement takes.
struct Columns<'a> {
    ids: Vec<Uuid>,
    kinds: Vec<&'a str>,
    inputs: Vec<&'a Value>,
    input_bytes: Vec<i32>,
    metadata: Vec<&'a Value>,
    priorities: Vec<i16>,
    max_attempts: Vec<i16>,
    timeouts: Vec<i32>,
    run_at: Vec<Option<DateTime<Utc>>>,
    unique_keys: Vec<Option<&'a str>>,
    needs: Vec<Option<Value>>,
}

impl<'a> Columns<'a> {
    fn of(jobs: &[&'a NewJob]) -> Self {
        Self {
            ids: jobs.iter().map(|job| job.id.0).collect(),
            kinds: jobs.iter().map(|job| job.kind.as_str()).collect(),
            inputs: jobs.iter().map(|job| &job.input).collect(),
            input_bytes: jobs.iter().map(|job| job.input_bytes).collect(),
            metadata: jobs.iter().map(|job| &job.metadata).collect(),
            priorities: jobs.iter().map(|job| job.priority).collect(),
            max_attempts: jobs.iter().map(|job| job.max_attempts).collect(),
            timeouts: jobs.iter().map(|job| job.timeout_seconds).collect(),
            run_at: jobs.iter().map(|job| job.run_at).collect(),
            unique_keys: jobs.iter().map(|job| job.unique_key.as_deref()).collect(),
            needs: jobs
                .iter()
                .map(|job| (!job.needs.is_empty()).then(|| serde_json::json!(job.needs)))
                .collect(),
        }
    }
}

/// Keeps in which traces jobs were submitted.
async fn keep_traces(conn: &mut PgConnection, jobs: &[&NewJob]) -> Result<(), DatabaseError> {
    let (ids, traces): (Vec<Uuid>, Vec<String>) =
        jobs.iter().filter_map(|job| Some((job.id.0, job.trace?.to_string()))).unzip();
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into esteira.job_traces (job_id, traceparent) select * from unnest($1::uuid[], $2::text[])",
        &ids,
        &traces
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes which jobs are needed, and by whom.
pub(in crate::queue) async fn depend(
    conn: &mut PgConnection,
    dependencies: &[(JobId, JobId)],
) -> Result<(), DatabaseError> {
    sqlx::query!(
        "insert into esteira.dependencies (needs, job_id) select * from unnest($1::uuid[], $2::uuid[])",
        &dependencies.iter().map(|(needs, _)| needs.0).collect::<Vec<_>>(),
        &dependencies.iter().map(|(_, job)| job.0).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps jobs that can never run, since one that they need did not succeed: cancelled from the beginning.
async fn keep_doomed(
    conn: &mut PgConnection,
    tenant: &Tenant,
    batch: Option<BatchId>,
    doomed: &[(&NewJob, JobId)],
) -> Result<(), DatabaseError> {
    let jobs: Vec<&NewJob> = doomed.iter().map(|(job, _)| *job).collect();
    let new = Columns::of(&jobs);
    sqlx::query!(
        "select esteira.keep_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        tenant.id.0,
        batch.map(|batch| batch.0),
        &new.ids,
        &new.kinds as &[&str],
        &new.inputs as &[&Value],
        &new.input_bytes,
        &new.metadata as &[&Value],
        &new.priorities,
        &new.max_attempts,
        &new.timeouts,
        &new.run_at as &[Option<DateTime<Utc>>],
        &new.unique_keys as &[Option<&str>],
        &new.needs as &[Option<Value>]
    )
    .execute(&mut *conn)
    .await?;
    let because_of: Vec<Uuid> = doomed.iter().map(|(_, because_of)| because_of.0).collect();
    sqlx::query!(
        "select esteira.keep_doomed($1, $2, $3, $4, $5)",
        tenant.id.0,
        &new.ids,
        &new.kinds as &[&str],
        &vec![0_i16; doomed.len()],
        &because_of
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps others from counting the tenant's waiting jobs until this transaction ends; `false` when somebody else does.
pub(in crate::queue) async fn lock_limit(
    conn: &mut PgConnection,
    tenant: &Tenant,
) -> Result<bool, DatabaseError> {
    if tenant.limits.max_queued.is_none() {
        return Ok(true);
    }
    let locked = sqlx::query_scalar!(r#"select esteira.lock_limit($1) as "locked!""#, tenant.id.0);
    Ok(locked.fetch_one(conn).await?)
}

/// The tenant's `max_queued`, when `more` jobs would pass it.
///
/// # Errors
/// When the database is away.
pub async fn reached_limit(
    conn: &mut PgConnection,
    tenant: &Tenant,
    more: usize,
) -> Result<Option<i32>, DatabaseError> {
    let Some(limit) = tenant.limits.max_queued else { return Ok(None) };
    let passes = sqlx::query_scalar!(
        r#"select esteira.passes_limit($1, $2, $3) as "passes!""#,
        tenant.id.0,
        limit,
        i32::try_from(more).unwrap_or(i32::MAX)
    )
    .fetch_one(conn)
    .await?;
    Ok(passes.then_some(limit))
}
