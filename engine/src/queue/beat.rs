//! Is this worker alive, and which of its jobs are still its own?

use std::collections::HashMap;
use std::time::Duration;

use crate::db::{DatabaseError, Db};
use crate::id::{JobId, WorkerId};

/// What a heartbeat brought back.
#[derive(Debug)]
pub enum Beat {
    /// The lease is renewed.
    Alive {
        /// The jobs that are this worker's: lease number, and whether to cancel.
        jobs: HashMap<JobId, (i32, bool)>,
        /// Whether an operator wants it to claim no more.
        draining: bool,
    },
    /// The worker was given up; every job that it runs is somebody else's.
    Lost,
}

/// Registers a new life of a worker.
pub async fn register(
    db: &Db,
    worker: WorkerId,
    host: &str,
    slots: &serde_json::Value,
    lease: Duration,
) -> Result<(), DatabaseError> {
    sqlx::query!(
        "insert into esteira.workers (id, host, pid, version, slots, lease_until)
         values ($1, $2, $3, $4, $5, esteira.now() + make_interval(secs => $6))",
        worker.0,
        host,
        i32::try_from(std::process::id()).unwrap_or(0),
        env!("CARGO_PKG_VERSION"),
        slots,
        lease.as_secs_f64()
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// Renews the worker's lease, even one that ran out, as long as nobody gave the worker up: after an
/// outage of the database everybody's lease has run out, and everybody's jobs are fine.
///
/// # Errors
/// When the database is away.
pub async fn beat(db: &Db, worker: WorkerId, lease: Duration) -> Result<Beat, DatabaseError> {
    beat_for(db, worker, lease, None).await
}

/// The same, and of the worker's jobs those among `known` only: what that costs depends on them alone.
///
/// # Errors
/// When the database is away.
pub async fn beat_for(
    db: &Db,
    worker: WorkerId,
    lease: Duration,
    known: Option<&[JobId]>,
) -> Result<Beat, DatabaseError> {
    let known: Option<Vec<_>> = known.map(|jobs| jobs.iter().map(|job| job.0).collect());
    // One statement, since every worker asks this for ever. Its jobs are those of the moment at which it was asked.
    let rows = sqlx::query!(
        r#"with beat as (
               update esteira.workers set lease_until = esteira.now() + make_interval(secs => $2)
               where id = $1 and lost_at is null returning draining_at is not null as draining
           )
           select beat.draining as "draining!", held.job_id as "job_id?", held.lease as "lease?",
                  coalesce(held.cancel, false) as "cancel!"
           from beat left join esteira.leases_of($1, $3) as held on true"#,
        worker.0,
        lease.as_secs_f64(),
        known.as_deref()
    )
    .fetch_all(db.pool())
    .await?;
    let Some(draining) = rows.first().map(|row| row.draining) else { return Ok(Beat::Lost) };
    let held = rows.into_iter().filter_map(|row| Some((JobId(row.job_id?), (row.lease?, row.cancel))));
    let jobs = held.collect();
    Ok(Beat::Alive { jobs, draining })
}

/// Ends a life in order; its jobs are settled or released already.
pub async fn deregister(db: &Db, worker: WorkerId) -> Result<(), DatabaseError> {
    let mut tx = db.begin().await?;
    // A claim whose connection was lost may still be under way, and holds the row: after it, and in a statement of
    // its own, the jobs that it took are seen. Without its life, nobody would ever rescue them.
    sqlx::query!("select id from esteira.workers where id = $1 for update", worker.0)
        .fetch_optional(tx.conn())
        .await?;
    sqlx::query!(
        "delete from esteira.workers as w where id = $1
         and not exists (select from esteira.queue as q where q.worker_id = w.id and q.state = 'running')",
        worker.0
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
