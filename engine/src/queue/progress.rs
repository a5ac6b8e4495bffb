//! How far is a running job? Written to the tenant's own row of the attempt.

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
