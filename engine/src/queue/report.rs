//! How far is a running job, what has it said, and what did it fetch? Written to the tenant's own row of the attempt.

use serde::{Deserialize, Serialize};

use super::Lease;
use crate::child::protocol::{LogLevel, Progress};
use crate::db::{DatabaseError, Db};
use crate::tenant::Tenant;

/// A sentence of a kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogLine {
    /// Which report of its attempt this is, counted from 1, progress included.
    pub number: i32,
    /// How long after the beginning of the attempt it came, in milliseconds.
    pub after_ms: i64,
    /// How loud.
    pub level: LogLevel,
    /// The sentence, which may quote the tenant's data.
    pub message: String,
}

/// How far a job came, and when.
#[derive(Debug, Clone)]
pub struct Reported {
    /// Which report of its attempt this is, counted from 1, sentences included.
    pub number: i32,
    /// How long after the beginning of the attempt it came, in milliseconds.
    pub after_ms: i64,
    /// How far.
    pub progress: Progress,
}

/// What an attempt has told since the last time.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// The newest progress.
    pub progress: Option<Reported>,
    /// The sentences.
    pub log: Vec<LogLine>,
}

impl News {
    /// The number of the last report; 0 when there is none.
    #[must_use]
    pub fn last(&self) -> i32 {
        let progress = self.progress.as_ref().map_or(0, |reported| reported.number);
        self.log.last().map_or(progress, |line| progress.max(line.number))
    }
}

/// Keeps what an attempt tells while it runs. A late worker only touches its own attempt's row, and not even that once
/// the attempt is over; sentences that are there already are not kept twice.
///
/// # Errors
/// When the database is away; telling it again is harmless.
pub async fn report(db: &Db, tenant: &Tenant, lease: &Lease, news: &News) -> Result<(), DatabaseError> {
    if !tenant.hears_attempts() {
        return report_progress(db, tenant, lease, news).await;
    }
    let log = serde_json::to_value(&news.log).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    let reported = news.progress.as_ref();
    let mut tx = db.begin_as(tenant).await?;
    sqlx::query!(
        "insert into attempts as known (job_id, lease, attempt, fraction, stage, message, report, report_ms, log,
                                        started_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, esteira.now())
         on conflict (job_id, lease) do update
         set fraction = coalesce(excluded.fraction, known.fraction), stage = coalesce(excluded.stage, known.stage),
             message = coalesce(excluded.message, known.message), report = coalesce(excluded.report, known.report),
             report_ms = coalesce(excluded.report_ms, known.report_ms),
             log = known.log || (
                 select coalesce(jsonb_agg(line order by line -> 'number'), '[]')
                 from jsonb_array_elements(excluded.log) as line
                 where (line ->> 'number')::integer > coalesce((known.log -> -1 ->> 'number')::integer, 0)
             )
         where known.ended_as is null",
        lease.job.0,
        lease.lease,
        lease.counters.attempt,
        reported.map(|reported| reported.progress.fraction as f32),
        reported.map(|reported| reported.progress.stage.as_str()),
        reported.map(|reported| reported.progress.message.as_str()),
        reported.map(|reported| reported.number),
        reported.map(|reported| reported.after_ms),
        log
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// The same for a tenant whose schema is of an older version, which hears of progress alone while an attempt runs.
async fn report_progress(db: &Db, tenant: &Tenant, lease: &Lease, news: &News) -> Result<(), DatabaseError> {
    let Some(Reported { progress, .. }) = &news.progress else { return Ok(()) };
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
