//! How are checked jobs written? The queue's rows and the tenant's rows, in the caller's transaction.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::hold::hold;
use super::needs::Standing;
use super::{Submission, SubmitError, Submitted};
use crate::db::{DatabaseError, become_engine, become_tenant};
use crate::id::JobId;
use crate::job::{CatalogEntry, FileReference};
use crate::tenant::Tenant;

/// The index that holds unique keys of jobs that are not final.
pub(in crate::queue) const UNIQUE_KEY: &str = "queue_unique_key";

/// A job as it will be written.
#[derive(Debug)]
pub struct NewJob {
    id: JobId,
    kind: String,
    input: Value,
    input_bytes: i32,
    metadata: Value,
    priority: i16,
    run_at: Option<DateTime<Utc>>,
    max_attempts: i16,
    timeout_seconds: i32,
    unique_key: Option<String>,
    needs: Vec<JobId>,
    files: Vec<FileReference>,
}

impl NewJob {
    /// From a submission that was checked.
    #[must_use]
    pub fn new(entry: &CatalogEntry, submission: &Submission, needs: Vec<JobId>) -> Self {
        let defaults = &entry.info.defaults;
        let timeout = submission.timeout.unwrap_or(defaults.timeout).as_secs();
        Self {
            id: JobId::new(),
            kind: submission.kind.clone(),
            input_bytes: i32::try_from(submission.input.to_string().len()).unwrap_or(i32::MAX),
            input: submission.input.clone(),
            metadata: Value::Object(submission.metadata.clone()),
            priority: submission.priority,
            run_at: submission.run_at,
            max_attempts: i16::try_from(submission.max_attempts.unwrap_or(defaults.max_attempts))
                .unwrap_or(1),
            timeout_seconds: i32::try_from(timeout).unwrap_or(i32::MAX),
            unique_key: submission.unique_key.clone(),
            needs,
            files: Vec::new(),
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

    /// The jobs that it needs.
    pub(super) fn needs(&self) -> &[JobId] {
        &self.needs
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }
}

/// Whether jobs can be written by one statement: nothing is to be looked up before.
pub(super) fn are_plain(jobs: &[&NewJob]) -> bool {
    jobs.iter().all(|job| job.needs.is_empty() && job.unique_key.is_none() && job.files.is_empty())
}

/// Writes jobs of one tenant that [`preflight`](super::preflight) has passed, inside the caller's transaction: they
/// exist when that commits. Tells for each which job it is.
///
/// The connection is one of the engine's role on Esteira's database, and is under that role again
/// afterwards. Whoever commits may send [`Signal::Queued`](crate::queue::Signal::Queued); polls find the jobs in any
/// case.
///
/// # Errors
/// [`SubmitError::QueueFull`], a needed job that there is not, or the database's. The transaction is then to be
/// rolled back.
pub async fn write_jobs(
    conn: &mut PgConnection,
    tenant: &Tenant,
    jobs: &[&NewJob],
) -> Result<Vec<Submitted>, SubmitError> {
    let needed: BTreeSet<JobId> = jobs.iter().flat_map(|job| job.needs.iter().copied()).collect();
    let standing = Standing::look(conn, tenant, &needed).await?;
    hold(conn, tenant, jobs).await?;
    let taken = taken_keys(conn, tenant, jobs).await?;

    let mut submitted = Vec::with_capacity(jobs.len());
    let (mut queued, mut blockers, mut dependencies, mut doomed) = (vec![], vec![], vec![], vec![]);
    let mut keys: HashMap<&str, JobId> = HashMap::new();
    for job in jobs {
        let first = job
            .unique_key
            .as_deref()
            .and_then(|key| taken.get(&unique_hash(key)).or_else(|| keys.get(key)).copied());
        if let Some(first) = first {
            submitted.push(Submitted { job: first, existing: true });
            continue;
        }
        let live = standing.live(&job.needs).map_err(|missing| SubmitError::BadField {
            field: "depends_on",
            message: format!("there is no job {missing}"),
        })?;
        if let Some(because_of) = standing.failed(&job.needs) {
            doomed.push((*job, because_of));
        } else {
            if let Some(key) = job.unique_key.as_deref() {
                keys.insert(key, job.id);
            }
            queued.push(*job);
            blockers.push(i16::try_from(live.len()).unwrap_or(i16::MAX));
            dependencies.extend(live.into_iter().map(|needs| (needs, job.id)));
        }
        submitted.push(Submitted { job: job.id, existing: false });
    }
    if !queued.is_empty() {
        write(conn, tenant, &queued, &blockers).await?;
    }
    if !dependencies.is_empty() {
        depend(conn, &dependencies).await?;
    }
    if !doomed.is_empty() {
        keep_doomed(conn, tenant, &doomed).await?;
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

async fn write(
    conn: &mut PgConnection,
    tenant: &Tenant,
    jobs: &[&NewJob],
    blockers: &[i16],
) -> Result<(), SubmitError> {
    let new = Columns::of(jobs);
    let hash = |job: &&NewJob| job.unique_key.as_deref().map(unique_hash);
    let reached = sqlx::query_scalar!(
        "select esteira.write_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
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
        &new.needs as &[Option<Value>]
    )
    .fetch_one(conn)
    .await?;
    match reached {
        Some(limit) => Err(SubmitError::QueueFull { limit }),
        None => Ok(()),
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

async fn depend(conn: &mut PgConnection, dependencies: &[(JobId, JobId)]) -> Result<(), DatabaseError> {
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
    doomed: &[(&NewJob, JobId)],
) -> Result<(), DatabaseError> {
    let jobs: Vec<&NewJob> = doomed.iter().map(|(job, _)| *job).collect();
    let new = Columns::of(&jobs);
    become_tenant(conn, tenant).await?;
    sqlx::query!(
        "select keep_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
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
    become_engine(conn).await?;
    let because_of: Vec<Uuid> = doomed.iter().map(|(_, because_of)| because_of.0).collect();
    sqlx::query!(
        "select esteira.keep_doomed($1, $2, $3, $4)",
        tenant.id.0,
        &new.ids,
        &vec![0_i16; doomed.len()],
        &because_of
    )
    .execute(conn)
    .await?;
    Ok(())
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
