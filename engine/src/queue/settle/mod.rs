//! How do attempts end? Many in one transaction, each fenced by worker and lease.
//!
//! One statement says which of them still count and lets each tenant keep what it has to, as that tenant's role.
//! A worker settles whatever has ended since its last settle, so under load one commit serves hundreds of
//! jobs, and an idle queue waits for none.

mod charge;
mod facts;

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;
use uuid::Uuid;

use super::{Lease, LogLine, Reported};
use crate::db::{DatabaseError, Db, EngineTx};
use crate::id::{BatchId, JobId, WorkerId};
use crate::job::{Decision, JobError};
use crate::tenant::Tenant;
pub use charge::{Used, charge, charge_overruns};
use facts::Facts;

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
    pub progress: Option<Reported>,
}

impl Outcome {
    /// An end with nothing to show for it.
    #[must_use]
    pub fn new(decision: Decision, ended_as: &'static str) -> Self {
        Self {
            decision,
            ended_as,
            output: None,
            error: None,
            artifacts: Vec::new(),
            usage: Usage::default(),
            log: Vec::new(),
            progress: None,
        }
    }
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
#[derive(Debug, Clone, Copy, Default, PartialEq)]
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

/// An attempt that has ended, and whose it was.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    /// The tenant.
    pub tenant: &'a Tenant,
    /// The right to settle it, used up whatever comes of it.
    pub lease: &'a Lease,
    /// What it came to.
    pub outcome: &'a Outcome,
}

/// What a settle did.
#[derive(Debug)]
pub struct Settlement {
    /// For each attempt, in the order they were given.
    pub settled: Vec<Settled>,
    /// Jobs that ended because one that they depend on did not succeed.
    pub dependents: Vec<JobId>,
    /// What [`charge`] is to tell the lanes.
    pub used: Used,
}

/// Settles one attempt.
///
/// # Errors
/// When the database is away; whether it counted is then unknown, and asking again is harmless.
pub async fn settle(
    db: &Db,
    tenant: &Tenant,
    lease: &Lease,
    outcome: &Outcome,
) -> Result<Settled, DatabaseError> {
    let settlement = settle_all(db, lease.worker, &[Ended { tenant, lease, outcome }]).await?;
    charge(db, &settlement.used).await;
    Ok(settlement.settled.first().copied().unwrap_or(Settled::LeaseLost))
}

/// Settles attempts of one worker: all of them, or none when it fails. What they used is left to be charged.
///
/// # Errors
/// When the database is away or refuses a row; asking again, together or one by one, is harmless.
pub async fn settle_all(db: &Db, worker: WorkerId, ended: &[Ended<'_>]) -> Result<Settlement, DatabaseError> {
    let asked = first_of_newest_leases(ended);
    let asked_of: Vec<Ended<'_>> = asked.iter().filter_map(|at| ended.get(*at).copied()).collect();
    let Counted { jobs: counted, dependents } = write(db, worker, &asked_of).await?;
    let mut settled = Vec::with_capacity(ended.len());
    for (at, one) in ended.iter().enumerate() {
        let row = counted.get(&one.lease.job).filter(|_| asked.contains(&at));
        settled.push(match row {
            Some(row) => Settled::As(decision_of(&row.decision, one.outcome.decision)),
            None if counted_before(db, one).await? => Settled::As(one.outcome.decision),
            None => Settled::LeaseLost,
        });
    }
    let mut used = Used::default();
    for job in counted.into_values() {
        used.add(job.tenant, job.kind, job.uncharged);
    }
    Ok(Settlement { settled, dependents, used })
}

/// The places of those that can count: of several attempts of one job only the one with the newest lease, and of
/// several ends of that one the first.
fn first_of_newest_leases(ended: &[Ended<'_>]) -> BTreeSet<usize> {
    let mut best: HashMap<JobId, (i32, usize)> = HashMap::with_capacity(ended.len());
    for (at, one) in ended.iter().enumerate() {
        let known = best.entry(one.lease.job).or_insert((one.lease.lease, at));
        if one.lease.lease > known.0 {
            *known = (one.lease.lease, at);
        }
    }
    best.into_values().map(|(_, at)| at).collect()
}

/// Jobs that ended because one that they depend on did not succeed.
pub(super) struct Doomed {
    /// The jobs.
    pub jobs: Vec<JobId>,
    /// The kind of each.
    pub kinds: Vec<String>,
    /// The batches that they belong to, each as often as it has one of them.
    pub batches: Vec<BatchId>,
}

/// Ends the jobs that depend on one that was cancelled while it waited. Whether their batches have ended is for the
/// caller to look, at the end of its transaction.
pub(super) async fn end_dependents_of(
    tx: &mut EngineTx,
    tenant: &Tenant,
    cancelled: JobId,
) -> Result<Doomed, DatabaseError> {
    let doomed = sqlx::query!(
        r#"select job_id as "job_id!", kind as "kind!", attempt as "attempt!", because_of as "because_of!", batch_id
           from esteira.end_dependents('{}', $1)"#,
        &[cancelled.0]
    )
    .fetch_all(tx.conn())
    .await?;
    if !doomed.is_empty() {
        // Dependents are of the same tenant as what they depend on.
        sqlx::query!(
            "select esteira.keep_doomed($1, $2, $3, $4, $5)",
            tenant.id.0,
            &doomed.iter().map(|row| row.job_id).collect::<Vec<_>>(),
            &doomed.iter().map(|row| row.kind.clone()).collect::<Vec<_>>(),
            &doomed.iter().map(|row| row.attempt).collect::<Vec<_>>(),
            &doomed.iter().map(|row| row.because_of).collect::<Vec<_>>()
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(Doomed {
        batches: doomed.iter().filter_map(|row| row.batch_id.map(BatchId)).collect(),
        jobs: doomed.iter().map(|row| JobId(row.job_id)).collect(),
        kinds: doomed.into_iter().map(|row| row.kind).collect(),
    })
}

/// What the queue says of attempts.
struct Counted {
    /// Those that count, by their jobs.
    jobs: HashMap<JobId, CountedJob>,
    /// Jobs that ended along with them.
    dependents: Vec<JobId>,
}

struct CountedJob {
    tenant: i32,
    kind: String,
    decision: String,
    /// Seconds used beyond what its claim has charged the lane with.
    uncharged: f64,
}

async fn write(db: &Db, worker: WorkerId, ended: &[Ended<'_>]) -> Result<Counted, DatabaseError> {
    db.meet(ended.iter().map(|one| one.tenant.id));
    let facts = Facts::of(ended);
    let rows = sqlx::query!(
        r#"select job_id as "job_id!", tenant_id as "tenant_id!", kind as "kind!", decision as "decision!", uncharged
           from esteira.settle($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"#,
        worker.0,
        &ended.iter().map(|one| one.lease.job.0).collect::<Vec<Uuid>>(),
        &ended.iter().map(|one| one.lease.lease).collect::<Vec<_>>(),
        &ended.iter().map(|one| word(one.outcome.decision)).collect::<Vec<_>>() as &[&str],
        &ended.iter().map(|one| delay(one.outcome.decision)).collect::<Vec<_>>(),
        &ended.iter().map(|one| one.outcome.ended_as == "crashed").collect::<Vec<_>>(),
        &facts.outputs as &[Option<&Value>],
        &facts.output_bytes,
        &facts.errors as &[Option<Value>],
        &facts.tellings as &[Option<Value>],
        &facts.artifacts as &[Option<Value>]
    )
    .fetch_all(db.settles())
    .await?;
    let mut counted = Counted { jobs: HashMap::with_capacity(rows.len()), dependents: Vec::new() };
    for row in rows {
        if row.decision == "doomed" {
            db.meter().jobs().ended_waiting(&row.kind, true);
            counted.dependents.push(JobId(row.job_id));
            continue;
        }
        let job = CountedJob {
            tenant: row.tenant_id,
            kind: row.kind,
            decision: row.decision,
            uncharged: row.uncharged.unwrap_or(0.0),
        };
        counted.jobs.insert(JobId(row.job_id), job);
    }
    Ok(counted)
}

/// A settle whose answer was lost is asked again: if this very lease has succeeded, it counted, and its
/// objects are those of the result. Of any other end nothing is lost by calling the lease lost.
async fn counted_before(db: &Db, one: &Ended<'_>) -> Result<bool, DatabaseError> {
    if one.outcome.decision != Decision::Succeed {
        return Ok(false);
    }
    let mut tx = db.begin_as(one.tenant).await?;
    let counted = sqlx::query_scalar!(
        r#"select exists (select from outcomes where job_id = $1 and lease = $2 and state = 'succeeded') as "e!""#,
        one.lease.job.0,
        one.lease.lease
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(counted)
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Succeed => "succeed",
        Decision::Fail => "fail",
        Decision::Cancel => "cancel",
        Decision::Retry(_) => "retry",
        Decision::Snooze(_) => "snooze",
        Decision::Release => "release",
    }
}

fn delay(decision: Decision) -> f64 {
    match decision {
        Decision::Retry(delay) | Decision::Snooze(delay) => delay.as_secs_f64(),
        Decision::Succeed | Decision::Fail | Decision::Cancel | Decision::Release => 0.0,
    }
}

/// What became of the job: as was asked, unless a cancel came first.
fn decision_of(became: &str, asked: Decision) -> Decision {
    if became == "cancel" { Decision::Cancel } else { asked }
}
