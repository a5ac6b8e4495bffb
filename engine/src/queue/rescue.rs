//! Who takes the jobs of a worker that died? Anybody, after its lease ran out.

use std::time::Duration;

use super::{Ended, Lease, Outcome, Settled, Settlement, Wait, charge, settle, settle_all};
use crate::db::{DatabaseError, Db, answered};
use crate::id::{JobId, TenantId, WorkerId};
use crate::job::{AttemptEnd, Catalog, Counters, Decision, JobError, JobState, RetryPolicy, decide};
use crate::tenant::by_id;

/// What a rescue did.
#[derive(Debug, Default)]
pub struct Rescued {
    /// The jobs of dead workers, each settled as crashed: for another attempt, or as failed.
    pub jobs: Vec<JobId>,
    /// Jobs that ended because they depended on one that failed so.
    pub dependents: Vec<JobId>,
}

/// Settles the jobs of dead workers as crashed; tells which. Safe to run in every process.
///
/// `draw` gives the jitter of the retries, in `0.0..1.0`.
pub async fn rescue(
    db: &Db,
    catalog: &Catalog,
    mut draw: impl FnMut() -> f64,
) -> Result<Rescued, DatabaseError> {
    // From here on such a worker can neither claim nor renew, so the set of its jobs only shrinks. Those that
    // somebody marked before and did not finish are taken up again. One that has no row can do neither anyway.
    let mark = sqlx::query_scalar!(
        r#"with marked as (
               update esteira.workers set lost_at = coalesce(lost_at, esteira.now())
               where id in (select id from esteira.workers
                            where lease_until <= esteira.now() or lost_at is not null
                            order by id for update skip locked)
               returning id
           )
           select id as "id!" from marked union all select esteira.unknown_workers()"#
    )
    .fetch_all(db.pool());
    let lost = answered(async { Ok(mark.await?) }).await?;
    let mut rescued = Rescued::default();
    for worker in lost.into_iter().map(WorkerId) {
        for lease in answered(leases_of(db, worker)).await? {
            match answered(rescue_one(db, catalog, &lease, draw())).await {
                Ok(Some(dependents)) => {
                    rescued.jobs.push(lease.job);
                    rescued.dependents.extend(dependents);
                }
                Ok(None) => {}
                // One tenant's broken schema must not keep the jobs of all others.
                Err(error) if !error.is_unavailable() => tracing::error!(
                    job.id = %lease.job, error = &error as &dyn std::error::Error, "a job could not be rescued"
                ),
                Err(error) => return Err(error),
            }
        }
        answered(super::deregister(db, worker)).await?;
    }
    Ok(rescued)
}

/// The jobs that ended along with this one; `None` when somebody else was sooner.
async fn rescue_one(
    db: &Db,
    catalog: &Catalog,
    lease: &Lease,
    draw: f64,
) -> Result<Option<Vec<JobId>>, DatabaseError> {
    let Some(tenant) = by_id(db.pool(), lease.tenant).await? else { return Ok(None) };
    let policy = catalog.get(&lease.kind).map_or(RetryPolicy::default(), |e| e.info.defaults.retry);
    let outcome = worker_lost(lease, &policy, draw);
    let ended = [Ended { tenant: &tenant, lease, outcome: &outcome }];
    let Settlement { settled, dependents, used } = settle_all(db, lease.worker, &ended).await?;
    charge(db, &used).await;
    let Some(Settled::As(decision)) = settled.first() else { return Ok(None) };
    db.meter().jobs().rescued(&lease.kind, decision.end().map(JobState::as_str));
    tracing::warn!(job.id = %lease.job, tenant = %tenant.slug, ?decision, "rescued from a lost worker");
    Ok(Some(dependents))
}

/// Hands back a lease that the queue thinks is this worker's, and that nobody here holds.
pub async fn hand_back(db: &Db, worker: WorkerId, job: JobId, lease: i32) -> Result<(), DatabaseError> {
    let held = leases_of(db, worker).await?.into_iter().find(|held| held.job == job && held.lease == lease);
    let Some(held) = held else { return Ok(()) };
    let Some(tenant) = by_id(db.pool(), held.tenant).await? else { return Ok(()) };
    let outcome = Outcome::new(Decision::Release, "released");
    settle(db, &tenant, &held, &outcome).await?;
    Ok(())
}

fn worker_lost(lease: &Lease, policy: &RetryPolicy, draw: f64) -> Outcome {
    let decision = decide(AttemptEnd::Crashed, lease.counters, policy, draw);
    let error = JobError {
        code: "crashed".to_owned(),
        message: "the worker was lost while the job ran".to_owned(),
        retryable: true,
        attempt: lease.counters.attempt,
    };
    Outcome { error: Some(error), ..Outcome::new(decision, "crashed") }
}

async fn leases_of(db: &Db, worker: WorkerId) -> Result<Vec<Lease>, DatabaseError> {
    let rows = sqlx::query!(
        "select job_id, tenant_id, kind, lease, attempt, max_attempts, crashes, timeout_seconds, ready_at
         from esteira.queue where worker_id = $1 and state = 'running'",
        worker.0
    )
    .fetch_all(db.pool())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Lease {
            job: JobId(row.job_id),
            tenant: TenantId(row.tenant_id),
            kind: row.kind,
            worker,
            lease: row.lease,
            counters: Counters { attempt: row.attempt, max_attempts: row.max_attempts, crashes: row.crashes },
            timeout: Duration::from_secs(u64::try_from(row.timeout_seconds).unwrap_or(0)),
            ready_at: row.ready_at,
            wait: Wait::default(),
            trace: None,
        })
        .collect())
}
