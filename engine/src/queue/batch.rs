//! How far are jobs that were submitted together? And when have all of them ended?
//!
//! A batch is not counted while it runs: a counter would be a row that all its workers wait for. Whoever takes a job of
//! a batch out of the queue asks, at the end of its transaction, whether that was the last one (`esteira.end_batches`
//! tells how that is exact), and writes the batch's end in the same transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::db::{DatabaseError, Db, EngineTx, become_engine, become_tenant};
use crate::id::BatchId;
use crate::job::JobState;
use crate::tenant::Tenant;

/// Jobs that were submitted together, as they stand.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its id.
    pub id: BatchId,
    /// How many jobs it was made of.
    pub jobs: u32,
    /// How many of them are in each state. Fewer than `jobs` in all, once the first are pruned.
    pub counts: BTreeMap<JobState, u32>,
    /// When it was submitted.
    pub created_at: DateTime<Utc>,
    /// When the last of its jobs ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Batch {
    /// How many of its jobs are final. Those that are pruned were.
    #[must_use]
    pub fn done(&self) -> u32 {
        let live: u32 =
            self.counts.iter().filter(|(state, _)| !state.is_final()).map(|(_, count)| *count).sum();
        self.jobs.saturating_sub(live)
    }
}

/// One batch of a tenant, counted now.
///
/// # Errors
/// When the database is away.
pub async fn batch(db: &Db, tenant: &Tenant, batch: BatchId) -> Result<Option<Batch>, DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    // One statement, so that counts and end are of the same moment.
    let row = sqlx::query!(
        r#"select b.jobs, b.created_at, b.finished_at,
                  coalesce((select jsonb_object_agg(c.state, c.jobs) from (
                      select coalesce(o.state, q.state) as state, count(*) as jobs from jobs as j
                      left join outcomes as o on o.job_id = j.id
                      left join lateral esteira.live_job(j.id) as q on true
                      where j.batch_id = b.id and (o.job_id is not null or q.job_id is not null)
                      group by 1
                  ) as c), '{}') as "counts!"
           from batches as b where b.id = $1"#,
        batch.0
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    let Some(row) = row else { return Ok(None) };
    let counts: BTreeMap<String, u32> =
        serde_json::from_value(row.counts).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    let counts = counts.into_iter().map(|(state, count)| Ok((state.parse()?, count)));
    let counts = counts.collect::<Result<_, String>>().map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(Some(Batch {
        id: batch,
        jobs: u32::try_from(row.jobs).unwrap_or(0),
        counts,
        created_at: row.created_at,
        finished_at: row.finished_at,
    }))
}

/// Writes down that there is a batch of so many new jobs, in the transaction that submits them; of which so many are in
/// the queue.
pub(super) async fn begin(
    conn: &mut PgConnection,
    tenant: &Tenant,
    batch: BatchId,
    jobs: usize,
    queued: usize,
) -> Result<(), DatabaseError> {
    become_tenant(conn, tenant).await?;
    sqlx::query!(
        "insert into batches (id, jobs) values ($1, $2)",
        batch.0,
        i32::try_from(jobs).unwrap_or(i32::MAX)
    )
    .execute(&mut *conn)
    .await?;
    become_engine(conn).await?;
    // Nothing in it that could still end: so it has.
    if queued == 0 { end(conn, tenant, &[batch]).await } else { Ok(()) }
}

/// Ends those of some batches that have no job in the queue any more, at the end of a transaction of the engine's role
/// that took jobs of theirs out.
pub(super) async fn end(
    conn: &mut PgConnection,
    tenant: &Tenant,
    batches: &[BatchId],
) -> Result<(), DatabaseError> {
    sqlx::query!(
        "select esteira.end_batches($1, $2)",
        &vec![tenant.id.0; batches.len()],
        &batches.iter().map(|batch| batch.0).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes the end of a batch back, at the end of a transaction that put a job of it into the queue again.
pub(super) async fn resume(tx: &mut EngineTx, tenant: &Tenant, batch: BatchId) -> Result<(), DatabaseError> {
    // Whoever ends the batch at this moment has not seen our job, and must be done before.
    sqlx::query!("select esteira.lock_batch($1, $2)", tenant.id.0, batch.0).execute(tx.conn()).await?;
    become_tenant(tx.conn(), tenant).await?;
    sqlx::query!("update batches set finished_at = null where id = $1", batch.0).execute(tx.conn()).await?;
    become_engine(tx.conn()).await
}
