//! How are checked jobs written? The queue's rows and the tenant's rows, in the caller's transaction.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::needs::Standing;
use super::{Submission, SubmitError, Submitted};
use crate::db::{DatabaseError, become_engine, become_tenant};
use crate::id::JobId;
use crate::job::CatalogEntry;
use crate::queue::settle::{Doomed, write_doomed};
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
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }
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
            doomed.push((*job, Doomed { job: job.id, tenant: tenant.id, attempt: 0, because_of }));
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
    if let Some(limit) = reached_limit(conn, tenant, queued.len()).await? {
        return Err(SubmitError::QueueFull { limit });
    }
    if !queued.is_empty() {
        enqueue(conn, tenant, &queued, &blockers).await?;
    }
    if !dependencies.is_empty() {
        depend(conn, &dependencies).await?;
    }
    become_tenant(conn, tenant).await?;
    let new: Vec<&NewJob> = queued.into_iter().chain(doomed.iter().map(|(job, _)| *job)).collect();
    if !new.is_empty() {
        insert(conn, &new).await?;
    }
    write_doomed(conn, &doomed.iter().map(|(_, doomed)| doomed).collect::<Vec<_>>()).await?;
    become_engine(conn).await?;
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

async fn enqueue(
    conn: &mut PgConnection,
    tenant: &Tenant,
    jobs: &[&NewJob],
    blockers: &[i16],
) -> Result<(), DatabaseError> {
    let hash = |job: &&NewJob| job.unique_key.as_deref().map(unique_hash);
    sqlx::query!(
        "select esteira.enqueue($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant.id.0,
        &ids(jobs),
        &jobs.iter().map(|job| job.kind.clone()).collect::<Vec<_>>(),
        &jobs.iter().map(|job| job.priority).collect::<Vec<_>>(),
        &jobs.iter().map(|job| job.run_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &jobs.iter().map(|job| job.max_attempts).collect::<Vec<_>>(),
        &jobs.iter().map(|job| job.timeout_seconds).collect::<Vec<_>>(),
        blockers,
        &jobs.iter().map(hash).collect::<Vec<_>>() as &[Option<Vec<u8>>]
    )
    .execute(conn)
    .await?;
    Ok(())
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

async fn insert(conn: &mut PgConnection, jobs: &[&NewJob]) -> Result<(), DatabaseError> {
    // Arrays of arrays are not a thing of Postgres: the few jobs with needs bring theirs as JSON.
    let needs = |job: &&NewJob| (!job.needs.is_empty()).then(|| serde_json::json!(job.needs));
    sqlx::query!(
        "insert into jobs (id, kind, input, input_bytes, metadata, priority, max_attempts, timeout_seconds, run_at,
                           unique_key, depends_on)
         select id, kind, input, input_bytes, metadata, priority, max_attempts, timeout,
                coalesce(run_at, esteira.now()), unique_key,
                case when needs is not null
                     then array(select value::uuid from jsonb_array_elements_text(needs)) end
         from unnest($1::uuid[], $2::text[], $3::jsonb[], $4::integer[], $5::jsonb[], $6::smallint[], $7::smallint[],
                     $8::integer[], $9::timestamptz[], $10::text[], $11::jsonb[])
             as new (id, kind, input, input_bytes, metadata, priority, max_attempts, timeout, run_at, unique_key,
                     needs)",
        &ids(jobs),
        &jobs.iter().map(|job| job.kind.clone()).collect::<Vec<_>>(),
        &jobs.iter().map(|job| job.input.clone()).collect::<Vec<_>>(),
        &jobs.iter().map(|job| job.input_bytes).collect::<Vec<_>>(),
        &jobs.iter().map(|job| job.metadata.clone()).collect::<Vec<_>>(),
        &jobs.iter().map(|job| job.priority).collect::<Vec<_>>(),
        &jobs.iter().map(|job| job.max_attempts).collect::<Vec<_>>(),
        &jobs.iter().map(|job| job.timeout_seconds).collect::<Vec<_>>(),
        &jobs.iter().map(|job| job.run_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &jobs.iter().map(|job| job.unique_key.clone()).collect::<Vec<_>>() as &[Option<String>],
        &jobs.iter().map(needs).collect::<Vec<_>>() as &[Option<Value>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn ids(jobs: &[&NewJob]) -> Vec<Uuid> {
    jobs.iter().map(|job| job.id.0).collect()
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
    // Counted up to the limit only. Submits at the same moment do not see each other, and may pass it by as
    // many as they are.
    let waiting = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
                   select from esteira.queue
                   where tenant_id = $1 and state in ('blocked', 'scheduled', 'queued') limit $2
               ) as waiting"#,
        tenant.id.0,
        i64::from(limit)
    )
    .fetch_one(conn)
    .await?;
    let more = i64::try_from(more).unwrap_or(i64::MAX);
    Ok((more > 0 && waiting.saturating_add(more) > i64::from(limit)).then_some(limit))
}
