//! Is this worker still believed to live, and what does the queue say of its jobs?

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::roster::{Roster, StopReason};
use super::{Shared, WorkerOptions};
use crate::db::{DatabaseError, Db, answered};
use crate::id::JobId;
use crate::queue::{self, Beat, DrainError, Signal};

/// Registers the roster's present life.
pub(super) async fn register(db: &Db, roster: &Roster, options: &WorkerOptions) -> Result<(), DatabaseError> {
    let slots = serde_json::json!(options.slots);
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    answered(queue::register(db, roster.worker(), &host, &slots, options.lease)).await
}

/// Beats until the worker has ended.
pub(super) async fn run(shared: Arc<Shared>, ended: CancellationToken) {
    let mut signals = shared.engine.hub.subscribe();
    let mut suspects = Suspects::default();
    loop {
        let before = shared.roster.leases();
        // A connection that hangs is as good as none: the next beat takes another.
        let beat = timeout(shared.options.heartbeat, run_once(&shared, &before, &mut suspects)).await;
        if let Err(error) = beat.unwrap_or_else(|_| Err(DatabaseError::timed_out())) {
            tracing::warn!(error = &error as &dyn std::error::Error, "no heartbeat");
        }
        let next_beat = Instant::now() + shared.options.heartbeat;
        let look = async {
            // While jobs run, their cancels are looked for more often than the lease needs.
            shared.roster.busy().await;
            sleep_until(next_beat.min(Instant::now() + shared.options.cancel_poll)).await;
        };
        let cancelled = async {
            loop {
                match signals.recv().await {
                    Ok(Signal::Cancel(job)) if shared.roster.leases().iter().any(|(id, _)| *id == job) => {
                        return;
                    }
                    Err(RecvError::Lagged(_)) => return,
                    Ok(_) => {}
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            () = sleep_until(next_beat) => {}
            () = look => {}
            () = cancelled => {}
            () = ended.cancelled() => return,
        }
    }
}

/// A look for leases that nobody here holds costs this share of the time at most: with a transaction that is held open
/// somewhere, it takes longer with each claim.
const LOOK_SHARE: u32 = 20;

/// Leases that the queue says are ours and that nobody here holds.
#[derive(Default)]
struct Suspects {
    /// Each with when it was seen first.
    since: HashMap<(JobId, i32), Instant>,
    /// When they were looked for, and how long that took.
    looked: Option<(Instant, Duration)>,
}

impl Suspects {
    fn are_to_be_looked_for(&self) -> bool {
        self.looked.is_none_or(|(at, took)| at.elapsed() >= took * LOOK_SHARE)
    }
}

/// One heartbeat. `before` are the leases that ran here before it was asked: only those can be missed,
/// since a claim may have come in between.
async fn run_once(
    shared: &Shared,
    before: &[(JobId, i32)],
    suspects: &mut Suspects,
) -> Result<(), DatabaseError> {
    let db = &shared.engine.db;
    let looks = suspects.are_to_be_looked_for();
    let known: Vec<JobId> = before.iter().map(|(job, _)| *job).collect();
    let asked_at = Instant::now();
    let beat = queue::beat_for(
        db,
        shared.roster.worker(),
        shared.options.lease,
        (!looks).then_some(known.as_slice()),
    );
    let (jobs, draining) = match beat.await? {
        Beat::Alive { jobs, draining } => (jobs, draining),
        Beat::Lost => {
            tracing::error!("this worker was given up as dead; its jobs run elsewhere");
            return begin_anew(shared).await;
        }
    };
    if shared.draining.send_replace(draining) != draining && !shared.closing.is_cancelled() {
        tracing::info!(draining, "an operator changed whether this worker claims");
    }
    shared.roster.stop_others(|job, lease| {
        !before.contains(&(job, lease)) || jobs.get(&job).is_some_and(|(held, _)| *held == lease)
    });
    for (job, (_, cancel)) in &jobs {
        if *cancel {
            shared.roster.stop(*job, StopReason::Cancelled);
        }
    }
    if looks {
        suspects.looked = Some((asked_at, asked_at.elapsed()));
        hand_back_lost(shared, &jobs, &mut suspects.since).await;
    }
    Ok(())
}

/// A lease that the queue says is ours and that nobody here holds: the answer to its claim was lost. A
/// heartbeat later it is not just on its way any more.
async fn hand_back_lost(
    shared: &Shared,
    jobs: &HashMap<JobId, (i32, bool)>,
    since: &mut HashMap<(JobId, i32), Instant>,
) {
    since.retain(|lease, _| jobs.get(&lease.0).is_some_and(|(held, _)| *held == lease.1));
    for (job, (lease, _)) in jobs {
        if shared.roster.holds(*job, *lease) {
            since.remove(&(*job, *lease));
        } else if since.entry((*job, *lease)).or_insert_with(Instant::now).elapsed()
            > shared.options.heartbeat
        {
            hand_back(shared, *job, *lease).await;
        }
    }
}

/// Begins a new life, which drains if the old one did: the operator meant the process.
async fn begin_anew(shared: &Shared) -> Result<(), DatabaseError> {
    let worker = shared.roster.begin_anew();
    register(&shared.engine.db, &shared.roster, &shared.options).await?;
    let draining = *shared.draining.borrow();
    if draining
        && let Err(DrainError::Database(error)) = queue::set_draining(&shared.engine.db, worker, true).await
    {
        return Err(error);
    }
    Ok(())
}

/// A job that cannot be handed back must not keep the beat from the others.
async fn hand_back(shared: &Shared, job: JobId, lease: i32) {
    match queue::hand_back(&shared.engine.db, shared.roster.worker(), job, lease).await {
        Ok(()) => tracing::warn!(job.id = %job, lease, "handed back a lease that nobody held"),
        Err(error) => {
            tracing::error!(job.id = %job, lease, error = &error as &dyn std::error::Error, "not handed back");
        }
    }
}

/// Shows everybody that this worker claims no more while what it runs has its grace. Only for their eyes: it ends in
/// order without.
pub(super) async fn say_draining(shared: &Shared) {
    let saying = queue::set_draining(&shared.engine.db, shared.roster.worker(), true);
    match timeout(shared.options.heartbeat, saying).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not shown as draining");
        }
        Err(_) => tracing::warn!("not shown as draining: the database did not answer in time"),
    }
}

/// Ends this life: whatever the queue still counts as ours goes back, and the worker's row goes.
pub(super) async fn leave(shared: &Shared) -> Result<(), DatabaseError> {
    let leaving = async {
        let db = &shared.engine.db;
        let worker = shared.roster.worker();
        if let Beat::Alive { jobs, .. } = queue::beat(db, worker, shared.options.lease).await? {
            for (job, (lease, _)) in jobs {
                hand_back(shared, job, lease).await;
            }
        }
        queue::deregister(db, worker).await
    };
    timeout(super::SETTLE_GRACE, leaving).await.unwrap_or_else(|_| Err(DatabaseError::timed_out()))
}
