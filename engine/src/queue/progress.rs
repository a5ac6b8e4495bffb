//! How far is a running job, and what did it fetch? Written to the tenant's own row of the attempt.

use super::Lease;
use crate::child::protocol::Progress;
use crate::db::{DatabaseError, Db};
use crate::tenant::Tenant;

/// Keeps the newest progress of an attempt. A late worker only touches its own attempt's row.
pub async fn report_progress(
    db: &Db,
    tenant: &Tenant,
    lease: &Lease,
    progress: &Progress,
) -> Result<(), DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    sqlx::query!(
        "insert into attempts (job_id, lease, attempt, fraction, stage, message, started_at)
         values ($1, $2, $3, $4, $5, $6, esteira.now())
         on conflict (job_id, lease) do update
         set fraction = excluded.fraction, stage = excluded.stage, message = excluded.message",
        lease.job.0,
        lease.lease,
        lease.counters.attempt,
        progress.fraction as f32,
        progress.stage,
        progress.message
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// Keeps how many bytes of inputs an attempt fetched, for the ledger of usage.
pub async fn note_staged(db: &Db, tenant: &Tenant, lease: &Lease, bytes: u64) -> Result<(), DatabaseError> {
    if bytes == 0 || !tenant.keeps_usage() {
        return Ok(());
    }
    let mut tx = db.begin_as(tenant).await?;
    sqlx::query!(
        "insert into attempts (job_id, lease, attempt, staged_bytes, started_at)
         values ($1, $2, $3, $4, esteira.now())
         on conflict (job_id, lease) do update set staged_bytes = excluded.staged_bytes",
        lease.job.0,
        lease.lease,
        lease.counters.attempt,
        i64::try_from(bytes).unwrap_or(i64::MAX)
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
