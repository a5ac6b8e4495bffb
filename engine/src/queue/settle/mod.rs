//! How do attempts end? Many in one transaction, each fenced by worker and lease.
//!
//! First the queue says which of them still count; then the tenants' rows are written, tenant by
//! tenant under its own role; the commit makes all of it so. A worker settles whatever has ended since
//! its last settle, so under load one commit serves hundreds of jobs, and an idle queue waits for none.

mod facts;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;
use uuid::Uuid;

use super::Lease;
use crate::child::protocol::{LogLevel, Progress};
use crate::db::{DatabaseError, Db, EngineTx, TenantTx, Tour};
use crate::id::{JobId, TenantId, WorkerId};
use crate::job::{Decision, JobError};
use crate::tenant::Tenant;
pub(super) use facts::{Doomed, write_doomed};
use facts::{Fact, Times};

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
    Ok(settlement.settled.first().copied().unwrap_or(Settled::LeaseLost))
}

/// Settles attempts of one worker: all of them, or none when it fails.
///
/// # Errors
/// When the database is away or refuses a row; asking again, together or one by one, is harmless.
pub async fn settle_all(db: &Db, worker: WorkerId, ended: &[Ended<'_>]) -> Result<Settlement, DatabaseError> {
    let mut tx = db.begin().await?;
    let counted = take_from_queue(&mut tx, worker, ended).await?;
    let newest = newest_leases(ended);
    // Of several leases of one job, only the newest can have counted.
    let row_of = |one: &Ended<'_>| {
        counted.get(&one.lease.job).filter(|_| newest.get(&one.lease.job) == Some(&one.lease.lease))
    };
    let doomed = end_dependents(&mut tx, &counted).await?;

    let mut by_tenant: BTreeMap<TenantId, (&Tenant, Vec<Fact<'_>>)> = BTreeMap::new();
    for one in ended {
        let Some(row) = row_of(one) else { continue };
        let facts = &mut by_tenant.entry(one.tenant.id).or_insert((one.tenant, Vec::new())).1;
        facts.push(Fact {
            lease: one.lease,
            outcome: one.outcome,
            decision: decision_of(&row.decision, one.outcome.decision),
            times: row.times,
        });
    }
    let mut tour = Tour::Engine(tx);
    for (tenant, facts) in by_tenant.values() {
        let mut tx = tour.enter(tenant).await?;
        facts::write(tx.conn(), facts).await?;
        // Dependents are of the same tenant as what they depend on.
        let mine: Vec<&Doomed> = doomed.iter().filter(|doomed| doomed.tenant == tenant.id).collect();
        facts::write_doomed(tx.conn(), &mine).await?;
        tour = Tour::Tenant(tx);
    }
    let mut counted_before = HashSet::new();
    for one in ended.iter().filter(|one| row_of(one).is_none()) {
        let mut tx = tour.enter(one.tenant).await?;
        if facts::counted_before(tx.conn(), one).await? {
            counted_before.insert((one.lease.job, one.lease.lease));
        }
        tour = Tour::Tenant(tx);
    }
    tour.commit().await?;
    charge(db, &counted).await;
    let settled = ended.iter().map(|one| match row_of(one) {
        Some(row) => Settled::As(decision_of(&row.decision, one.outcome.decision)),
        None if counted_before.contains(&(one.lease.job, one.lease.lease)) => {
            Settled::As(one.outcome.decision)
        }
        None => Settled::LeaseLost,
    });
    Ok(Settlement {
        settled: settled.collect(),
        dependents: doomed.into_iter().map(|doomed| doomed.job).collect(),
    })
}

fn newest_leases(ended: &[Ended<'_>]) -> HashMap<JobId, i32> {
    let mut newest = HashMap::new();
    for one in ended {
        let lease = newest.entry(one.lease.job).or_insert(one.lease.lease);
        *lease = one.lease.lease.max(*lease);
    }
    newest
}

/// Ends the jobs that depend on one that was cancelled while it waited; gives those that ended.
pub(super) async fn end_dependents_of(
    mut tx: EngineTx,
    tenant: &Tenant,
    cancelled: JobId,
) -> Result<(TenantTx, Vec<JobId>), DatabaseError> {
    let doomed = doomed(&mut tx, &[], &[cancelled.0]).await?;
    let mut tx = tx.enter(tenant).await?;
    facts::write_doomed(tx.conn(), &doomed.iter().collect::<Vec<_>>()).await?;
    Ok((tx, doomed.into_iter().map(|doomed| doomed.job).collect()))
}

/// What the queue says of an attempt that counts.
struct Counted {
    tenant: i32,
    kind: String,
    decision: String,
    times: Times,
    /// Seconds used beyond what its claim has charged the lane with.
    uncharged: f64,
}

async fn take_from_queue(
    tx: &mut EngineTx,
    worker: WorkerId,
    ended: &[Ended<'_>],
) -> Result<HashMap<JobId, Counted>, DatabaseError> {
    let jobs: Vec<Uuid> = ended.iter().map(|one| one.lease.job.0).collect();
    let leases: Vec<i32> = ended.iter().map(|one| one.lease.lease).collect();
    let words: Vec<String> = ended.iter().map(|one| word(one.outcome.decision).to_owned()).collect();
    let delays: Vec<f64> = ended.iter().map(|one| delay(one.outcome.decision)).collect();
    let crashed: Vec<bool> = ended.iter().map(|one| one.outcome.ended_as == "crashed").collect();
    let rows = sqlx::query!(
        r#"select job_id as "job_id!", tenant_id as "tenant_id!", kind as "kind!", decision as "decision!",
                  ready_at as "ready_at!", head_at, started_at, uncharged
           from esteira.settle($1, $2, $3, $4, $5, $6)"#,
        worker.0,
        &jobs,
        &leases,
        &words,
        &delays,
        &crashed
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let times = Times { ready_at: row.ready_at, head_at: row.head_at, started_at: row.started_at };
            let counted = Counted {
                tenant: row.tenant_id,
                kind: row.kind,
                decision: row.decision,
                times,
                uncharged: row.uncharged.unwrap_or(0.0),
            };
            (JobId(row.job_id), counted)
        })
        .collect())
}

async fn end_dependents(
    tx: &mut EngineTx,
    counted: &HashMap<JobId, Counted>,
) -> Result<Vec<Doomed>, DatabaseError> {
    let with = |words: &[&str]| -> Vec<Uuid> {
        counted
            .iter()
            .filter(|(_, row)| words.contains(&row.decision.as_str()))
            .map(|(job, _)| job.0)
            .collect()
    };
    let (succeeded, ended) = (with(&["succeed"]), with(&["fail", "cancel"]));
    if succeeded.is_empty() && ended.is_empty() {
        return Ok(Vec::new());
    }
    doomed(tx, &succeeded, &ended).await
}

async fn doomed(tx: &mut EngineTx, succeeded: &[Uuid], ended: &[Uuid]) -> Result<Vec<Doomed>, DatabaseError> {
    let rows = sqlx::query!(
        r#"select job_id as "job_id!", tenant_id as "tenant_id!", attempt as "attempt!",
                  because_of as "because_of!"
           from esteira.end_dependents($1, $2)"#,
        succeeded,
        ended
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Doomed {
            job: JobId(row.job_id),
            tenant: TenantId(row.tenant_id),
            attempt: row.attempt,
            because_of: JobId(row.because_of),
        })
        .collect())
}

/// Tells the lanes what was really used. The settle has happened: a failure here costs a little fairness and
/// must not look like a failed settle.
async fn charge(db: &Db, counted: &HashMap<JobId, Counted>) {
    let mut lanes: BTreeMap<(i32, &str), f64> = BTreeMap::new();
    for row in counted.values() {
        *lanes.entry((row.tenant, &row.kind)).or_default() += row.uncharged;
    }
    if lanes.is_empty() {
        return;
    }
    let tenants: Vec<i32> = lanes.keys().map(|(tenant, _)| *tenant).collect();
    let kinds: Vec<String> = lanes.keys().map(|(_, kind)| (*kind).to_owned()).collect();
    let seconds: Vec<f64> = lanes.values().copied().collect();
    // Nothing is lost that matters if Postgres crashes before this is on disk, so nobody waits for the disk.
    let charged = sqlx::query!(
        "select set_config('synchronous_commit', 'off', true) as off, esteira.charge($1, $2, $3)::text as charged",
        &tenants,
        &kinds,
        &seconds
    )
    .fetch_one(db.pool())
    .await;
    if let Err(error) = charged {
        tracing::warn!(error = &error as &dyn std::error::Error, "processing time not charged");
    }
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
