//! When are jobs claimed? When there is a free slot, and a hint or the worker's look around says that there may be some.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{sleep, timeout};

use super::Shared;
use super::backend::{Assigned, Loaded};
use super::tenants::Tenants;
use crate::db::{DatabaseError, ONE_ANSWER, answered};
use crate::queue::{self, Signal};

/// Jobs of one claim at most: with more slots than this, one claim is under way while what an earlier one
/// brought is settled.
const MOST_A_CLAIM: usize = 250;
/// The same while nobody knows what a job of the kind costs: a claim charges each tenant with a guess and would go
/// from lane to lane for single jobs, so the first few are for learning.
const MOST_OF_UNKNOWN_COST: usize = 8;
/// How long another claim may hold a lane.
const HELD_BY_ANOTHER: Duration = Duration::from_millis(20);
/// Larger inputs are read by each attempt for itself, so that a claim of many never holds much.
const SMALL_INPUT: i32 = 16 * 1024;
/// What a job is taken to cost before one has ended.
const UNKNOWN_COST: Duration = Duration::from_secs(1);

/// Feeds the slots of one kind until the worker closes.
pub(super) async fn run(shared: Arc<Shared>, kind: String, slots: usize, sender: mpsc::Sender<Assigned>) {
    let slots = Arc::new(Semaphore::new(slots));
    let mut signals = shared.engine.hub.subscribe();
    let mut tenants = Tenants::default();
    let mut outage = Duration::ZERO;
    loop {
        // At least one slot, and whatever else is free: a claim takes no more than can start.
        let Some(permits) = free_slots(&shared, &kind, &slots).await else { return };
        if !may_claim(&shared).await {
            return;
        }
        let wanted = permits.len();
        let claimed = match run_once(&shared, &kind, permits, &sender, &mut tenants).await {
            Ok(claimed) => {
                outage = Duration::ZERO;
                claimed
            }
            Err(error) => {
                outage = (outage * 2).clamp(Duration::from_millis(100), Duration::from_secs(5));
                tracing::warn!(kind, error = &error as &dyn std::error::Error, "jobs not claimed");
                0
            }
        };
        if claimed == wanted {
            continue;
        }
        // The queue had less than was wanted: nothing to do before something is told (see `duties.rs`). But where there was
        // some, another claim may have held a lane with more at that moment.
        let pause = async {
            match (claimed, outage) {
                (_, outage) if !outage.is_zero() => sleep(outage).await,
                (0, _) => std::future::pending().await,
                _ => sleep(HELD_BY_ANOTHER).await,
            }
        };
        let hinted = async {
            loop {
                match signals.recv().await {
                    Ok(Signal::Queued(of)) if of == kind => return,
                    Err(RecvError::Lagged(_)) => return,
                    Ok(_) => {}
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            () = pause => {}
            () = hinted, if outage.is_zero() => {}
            () = shared.closing.cancelled() => return,
        }
    }
}

async fn free_slots(
    shared: &Shared,
    kind: &str,
    slots: &Arc<Semaphore>,
) -> Option<Vec<OwnedSemaphorePermit>> {
    let first = tokio::select! {
        permit = Arc::clone(slots).acquire_owned() => permit.ok()?,
        () = shared.closing.cancelled() => return None,
    };
    let mut permits = vec![first];
    let most = if shared.costs.estimate(kind).is_some() { MOST_A_CLAIM } else { MOST_OF_UNKNOWN_COST };
    while permits.len() < most
        && let Ok(permit) = Arc::clone(slots).try_acquire_owned()
    {
        permits.push(permit);
    }
    Some(permits)
}

/// Waits while the worker drains; `false` when it closes.
async fn may_claim(shared: &Shared) -> bool {
    let mut draining = shared.draining.subscribe();
    tokio::select! {
        // The sender lives in `shared`, so the wait cannot fail.
        _ = draining.wait_for(|draining| !draining) => true,
        () = shared.closing.cancelled() => false,
    }
}

/// One claim; tells how many jobs it brought.
async fn run_once(
    shared: &Shared,
    kind: &str,
    permits: Vec<OwnedSemaphorePermit>,
    sender: &mpsc::Sender<Assigned>,
    tenants: &mut Tenants,
) -> Result<usize, DatabaseError> {
    let worker = shared.roster.worker();
    let estimate = shared.costs.estimate(kind).unwrap_or(UNKNOWN_COST);
    let claimed_at = Instant::now();
    let claiming =
        queue::claim_with_inputs(&shared.engine.db, worker, kind, permits.len(), estimate, SMALL_INPUT);
    let jobs = answered(claiming).await?;
    shared.engine.meter().jobs().claimed(kind, claimed_at.elapsed());
    let claimed = jobs.len();
    let mut entered = Vec::with_capacity(claimed);
    for ((lease, input), slot) in jobs.into_iter().zip(permits) {
        let entry = shared.roster.enter(&lease);
        entered.push((lease, input, entry, slot));
    }
    let meeting = tenants.meet(&shared.engine.db, entered.iter().map(|(lease, ..)| lease.tenant));
    if timeout(ONE_ANSWER, meeting).await.is_err() {
        tracing::warn!("tenants of claimed jobs not read yet: the database did not answer");
    }
    for (lease, input, entry, slot) in entered {
        let loaded = Loaded { tenant: tenants.get(lease.tenant), input };
        let assigned = Assigned { lease: Arc::new(lease), loaded, claimed_at, entry, slot };
        if sender.send(assigned).await.is_err() {
            tracing::error!(kind, "nobody runs this kind any more; the job is handed back");
        }
    }
    Ok(claimed)
}
