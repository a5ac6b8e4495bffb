//! How does an attempt end? In one transaction, fenced by worker and lease.

use serde_json::Value;

use super::Lease;
use crate::child::protocol::{LogLevel, Progress};
use crate::db::{DatabaseError, Db, EngineTx};
use crate::job::{Decision, JobError};
use crate::tenant::Tenant;

/// What an attempt came to.
#[derive(Debug)]
pub struct Outcome {
    /// What becomes of the job.
    pub decision: Decision,
    /// A word for how the attempt ended: `succeeded`, `failed`, `crashed`, `cancelled`, `released`.
    pub ended_as: &'static str,
    /// The output, of a success.
    pub output: Option<Value>,
    /// The error, of anything else.
    pub error: Option<JobError>,
    /// The files, of a success; they are in S3 already.
    pub artifacts: Vec<FinishedArtifact>,
    /// What the attempt used.
    pub usage: Usage,
    /// What the kind had to say, for its tenant.
    pub log: Vec<LogLine>,
    /// How far it came, where that is not written yet.
    pub progress: Option<Progress>,
}

/// A sentence of a kind.
#[derive(Debug, Clone, serde::Serialize)]
pub struct LogLine {
    /// How loud.
    pub level: LogLevel,
    /// The sentence, which may quote the tenant's data.
    pub message: String,
}

/// A file of a result.
#[derive(Debug, Clone)]
pub struct FinishedArtifact {
    /// Its name within the job.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Vec<u8>,
    /// Where it lies.
    pub object_key: String,
}

/// What an attempt used, as its process was measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// CPU seconds, user and system.
    pub cpu_seconds: f64,
    /// Peak resident memory in bytes.
    pub peak_bytes: u64,
}

/// Whether the settle counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is written; this is what became of the job.
    As(Decision),
    /// The lease was lost: nothing is written, the result must be dropped.
    LeaseLost,
}

/// Settles an attempt; the lease is used up whatever comes of it.
pub async fn settle(
    db: &Db,
    tenant: &Tenant,
    lease: &Lease,
    outcome: &Outcome,
) -> Result<Settled, DatabaseError> {
    let mut tx = db.begin().await?;
    // Locks the row: a cancel that comes now waits, and then finds the job final or not running.
    let row = sqlx::query!(
        "select started_at, charged, cancel_requested_at from esteira.queue
         where job_id = $1 and worker_id = $2 and lease = $3 and state = 'running' for update",
        lease.job.0,
        lease.worker.0,
        lease.lease
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return settled_before(tx, tenant, lease, outcome).await };
    let decision = match outcome.decision {
        // Nobody wants another attempt any more.
        Decision::Retry(_) | Decision::Release if row.cancel_requested_at.is_some() => Decision::Cancel,
        decision => decision,
    };
    charge(&mut tx, lease, row.charged).await?;
    take_from_queue(&mut tx, lease, outcome, decision).await?;

    let mut tx = tx.enter(tenant).await?;
    sqlx::query!(
        "insert into attempts (job_id, lease, attempt, ended_as, error, cpu_seconds, peak_bytes, started_at, log,
                               fraction, stage, message, finished_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, esteira.now())
         on conflict (job_id, lease) do update
         set ended_as = excluded.ended_as, error = excluded.error, cpu_seconds = excluded.cpu_seconds,
             peak_bytes = excluded.peak_bytes, started_at = excluded.started_at, log = excluded.log,
             finished_at = excluded.finished_at,
             fraction = coalesce(excluded.fraction, attempts.fraction),
             stage = coalesce(excluded.stage, attempts.stage),
             message = coalesce(excluded.message, attempts.message)",
        lease.job.0,
        lease.lease,
        lease.counters.attempt,
        outcome.ended_as,
        error_json(outcome),
        outcome.usage.cpu_seconds as f32,
        i64::try_from(outcome.usage.peak_bytes).unwrap_or(i64::MAX),
        row.started_at,
        serde_json::json!(outcome.log),
        outcome.progress.as_ref().map(|progress| progress.fraction as f32),
        outcome.progress.as_ref().map(|progress| &progress.stage),
        outcome.progress.as_ref().map(|progress| &progress.message)
    )
    .execute(tx.conn())
    .await?;
    if let Some(state) = final_state(decision) {
        let succeeded = decision == Decision::Succeed;
        sqlx::query!(
            "insert into outcomes (job_id, state, attempt, output, output_bytes, error, started_at)
             values ($1, $2, $3, $4, coalesce(octet_length($4::jsonb::text), 0), $5, $6)",
            lease.job.0,
            state,
            lease.counters.attempt,
            outcome.output.as_ref().filter(|_| succeeded),
            error_json(outcome).filter(|_| !succeeded),
            row.started_at
        )
        .execute(tx.conn())
        .await?;
        if succeeded {
            write_artifacts(&mut tx, lease, &outcome.artifacts).await?;
        }
    }
    tx.commit().await?;
    Ok(Settled::As(decision))
}

/// A settle whose answer was lost is asked again: if this very lease has succeeded, it counted, and its
/// objects are those of the result. Of any other end nothing is lost by calling the lease lost.
async fn settled_before(
    tx: EngineTx,
    tenant: &Tenant,
    lease: &Lease,
    outcome: &Outcome,
) -> Result<Settled, DatabaseError> {
    let mut tx = tx.enter(tenant).await?;
    let ended_as = sqlx::query_scalar!(
        "select ended_as from attempts where job_id = $1 and lease = $2",
        lease.job.0,
        lease.lease
    )
    .fetch_optional(tx.conn())
    .await?
    .flatten();
    let counted = outcome.decision == Decision::Succeed && ended_as.as_deref() == Some(outcome.ended_as);
    Ok(if counted { Settled::As(outcome.decision) } else { Settled::LeaseLost })
}

fn final_state(decision: Decision) -> Option<&'static str> {
    match decision {
        Decision::Succeed => Some("succeeded"),
        Decision::Fail => Some("failed"),
        Decision::Cancel => Some("cancelled"),
        Decision::Retry(_) | Decision::Release => None,
    }
}

fn error_json(outcome: &Outcome) -> Option<Value> {
    outcome.error.as_ref().map(|error| {
        serde_json::json!({
            "code": error.code,
            "message": error.message,
            "retryable": error.retryable,
            "attempt": error.attempt,
        })
    })
}

/// Replaces the estimate that the claim charged the lane with by what was used.
async fn charge(tx: &mut EngineTx, lease: &Lease, charged: f32) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update esteira.lanes as lane
         set served = greatest(0, lane.served
             + (extract(epoch from esteira.now() - q.started_at)::float8 - $3) / tenant.weight)
         from esteira.queue as q join esteira.tenants as tenant on tenant.id = q.tenant_id
         where q.job_id = $1 and lane.tenant_id = q.tenant_id and lane.kind = $2",
        lease.job.0,
        lease.kind,
        f64::from(charged)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn take_from_queue(
    tx: &mut EngineTx,
    lease: &Lease,
    outcome: &Outcome,
    decision: Decision,
) -> Result<(), DatabaseError> {
    match decision {
        Decision::Succeed | Decision::Fail | Decision::Cancel => {
            sqlx::query!("delete from esteira.queue where job_id = $1", lease.job.0)
                .execute(tx.conn())
                .await?;
        }
        Decision::Retry(delay) => {
            sqlx::query!(
                "update esteira.queue
                 set state = 'scheduled', worker_id = null, started_at = null, crashes = crashes + $3,
                     ready_at = esteira.now() + make_interval(secs => $2)
                 where job_id = $1",
                lease.job.0,
                delay.as_secs_f64(),
                i16::from(outcome.ended_as == "crashed")
            )
            .execute(tx.conn())
            .await?;
        }
        Decision::Release => {
            sqlx::query!("select esteira.wake_lane($1, $2)", lease.tenant.0, lease.kind)
                .execute(tx.conn())
                .await?;
            sqlx::query!(
                "update esteira.queue
                 set state = 'queued', worker_id = null, started_at = null, attempt = attempt - 1
                 where job_id = $1",
                lease.job.0
            )
            .execute(tx.conn())
            .await?;
        }
    }
    Ok(())
}

async fn write_artifacts(
    tx: &mut crate::db::TenantTx,
    lease: &Lease,
    artifacts: &[FinishedArtifact],
) -> Result<(), DatabaseError> {
    let names: Vec<String> = artifacts.iter().map(|a| a.name.clone()).collect();
    let media_types: Vec<String> = artifacts.iter().map(|a| a.media_type.clone()).collect();
    let bytes: Vec<i64> = artifacts.iter().map(|a| i64::try_from(a.bytes).unwrap_or(i64::MAX)).collect();
    let hashes: Vec<Vec<u8>> = artifacts.iter().map(|a| a.sha256.clone()).collect();
    let keys: Vec<String> = artifacts.iter().map(|a| a.object_key.clone()).collect();
    sqlx::query!(
        r#"insert into artifacts (job_id, name, position, media_type, bytes, sha256, object_key)
           select $1, name, position, media_type, bytes, sha256, object_key
           from unnest($2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::text[]) with ordinality
               as new (name, media_type, bytes, sha256, object_key, position)"#,
        lease.job.0,
        &names,
        &media_types,
        &bytes,
        &hashes,
        &keys
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
