//! Which objects are a job's checkpoints? Those that its row names; the lease in it alone may write it.
//!
//! An attempt takes the row over before it reads what is there. From then on an earlier one changes nothing any more, and
//! what it has put into the store meanwhile is named by nobody: the new one goes on from what it has seen.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::segment::Segment;
use crate::artifact::{checkpoint_key, service_key};
use crate::db::{DatabaseError, Db};
use crate::id::{JobId, TenantId};
use crate::queue::Lease;
use crate::tenant::Tenant;

/// What earlier attempts have left.
#[derive(Debug)]
pub struct Adopted {
    /// The version of the kind that wrote them.
    pub version: String,
    /// The pieces of the log.
    pub segments: Vec<Segment>,
}

/// Takes a job's row over, or makes it; `None` when the job is not this lease's.
///
/// # Errors
/// When the database is away; asking again is harmless.
pub async fn adopt(
    db: &Db,
    tenant: &Tenant,
    lease: &Lease,
    version: &str,
) -> Result<Option<Adopted>, DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    let row = sqlx::query!(
        "insert into checkpoints as known (job_id, lease, version)
         select $1, $2::integer, $3::text from esteira.live_job($1) as q
         where q.state = 'running' and q.lease = $2 and q.worker_id = $4
         on conflict (job_id) do update set lease = excluded.lease where known.lease <= excluded.lease
         returning version, segments",
        lease.job.0,
        lease.lease,
        version,
        lease.worker.0
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    row.map(|row| Ok(Adopted { version: row.version, segments: read(row.segments)? })).transpose()
}

/// Names the objects; `false` when the job is not this lease's, or a later one has taken the row over.
///
/// # Errors
/// When the database is away; writing the same again is harmless.
pub async fn write(
    db: &Db,
    tenant: &Tenant,
    lease: &Lease,
    version: &str,
    segments: &[Segment],
) -> Result<bool, DatabaseError> {
    let segments = serde_json::to_value(segments).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    let mut tx = db.begin_as(tenant).await?;
    // The first attempt of a job has taken nothing over: its row is made here.
    let written = sqlx::query_scalar!(
        r#"insert into checkpoints as known (job_id, lease, version, segments)
           select $1, $2::integer, $3::text, $5::jsonb from esteira.live_job($1) as q
           where q.state = 'running' and q.lease = $2 and q.worker_id = $4
           on conflict (job_id) do update
           set version = excluded.version, segments = excluded.segments where known.lease = excluded.lease
           returning true as "written!""#,
        lease.job.0,
        lease.lease,
        version,
        lease.worker.0,
        segments
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(written.is_some())
}

/// Deletes the row of a job that has ended by this lease; tells whether there was one.
///
/// # Errors
/// When the database is away.
pub(crate) async fn delete(db: &Db, tenant: &Tenant, lease: &Lease) -> Result<bool, DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    let gone = delete_up_to(tx.conn(), lease.job, lease.lease).await?;
    tx.commit().await?;
    Ok(gone)
}

/// The same inside a transaction of the tenant's. A later lease, of a job that was retried meanwhile, keeps its own.
///
/// # Errors
/// When the database is away.
pub(crate) async fn delete_up_to(
    conn: &mut PgConnection,
    job: JobId,
    lease: i32,
) -> Result<bool, DatabaseError> {
    let gone = sqlx::query!("delete from checkpoints where job_id = $1 and lease <= $2", job.0, lease)
        .execute(conn)
        .await?;
    Ok(gone.rows_affected() > 0)
}

/// Deletes the row of a job that begins anew, inside the tenant's transaction that lets it.
///
/// # Errors
/// When the database is away.
pub(crate) async fn delete_of(conn: &mut PgConnection, job: JobId) -> Result<(), DatabaseError> {
    sqlx::query!("delete from checkpoints where job_id = $1", job.0).execute(conn).await?;
    Ok(())
}

/// Up to `limit` jobs after another one that are over and have a row, each with its last lease.
///
/// # Errors
/// When the database is away.
pub(super) async fn over(
    conn: &mut PgConnection,
    after: JobId,
    limit: i64,
) -> Result<Vec<(JobId, i32)>, DatabaseError> {
    let rows = sqlx::query!(
        "select c.job_id, c.lease from checkpoints as c
         where c.job_id > $1 and not exists (select from esteira.live_job(c.job_id)) order by c.job_id limit $2",
        after.0,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (JobId(row.job_id), row.lease)).collect())
}

/// The keys that the rows of some jobs name: those of the pieces, and of what a service makes for the job.
///
/// # Errors
/// When the database is away.
pub(crate) async fn keys_of(
    conn: &mut PgConnection,
    tenant: TenantId,
    jobs: &[Uuid],
) -> Result<Vec<String>, DatabaseError> {
    let rows = sqlx::query!("select job_id, segments from checkpoints where job_id = any ($1)", jobs)
        .fetch_all(conn)
        .await?;
    let mut keys = Vec::new();
    for row in rows {
        let segments = read(row.segments)?;
        keys.push(service_key(tenant, JobId(row.job_id)));
        keys.extend(segments.iter().map(|s| checkpoint_key(tenant, JobId(row.job_id), s.lease, s.number)));
    }
    Ok(keys)
}

fn read(segments: Value) -> Result<Vec<Segment>, DatabaseError> {
    Ok(serde_json::from_value(segments).map_err(|error| sqlx::Error::Decode(Box::new(error)))?)
}
