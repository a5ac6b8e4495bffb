//! When are jobs claimed? When there is a free slot, and a hint or a poll says that there may be some.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::Rng;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{sleep, timeout};

use super::Shared;
use super::backend::Assigned;
use super::load::load;
use crate::db::{DatabaseError, ONE_ANSWER, answered};
use crate::queue::{self, Signal};

/// Jobs of one claim at most: with more slots than this, one claim is under way while what an earlier one
/// brought is settled.
const MOST_A_CLAIM: usize = 250;
/// The same while nobody knows what a job of the kind costs: a claim charges each tenant with a guess and would go
/// from lane to lane for single jobs, so the first few are for learning.
const MOST_OF_UNKNOWN_COST: usize = 8;
/// What a job is taken to cost before one has ended.
const UNKNOWN_COST: Duration = Duration::from_secs(1);

/// Feeds the slots of one kind until the worker closes.
pub(super) async fn run(shared: Arc<Shared>, kind: String, slots: usize, sender: mpsc::Sender<Assigned>) {
    let slots = Arc::new(Semaphore::new(slots));
    let mut signals = shared.engine.hub.subscribe();
    let mut outage = Duration::ZERO;
    loop {
        // At least one slot, and whatever else is free: a claim takes no more than can start.
        let Some(permits) = free_slots(&shared, &kind, &slots).await else { return };
        if !may_claim(&shared).await {
            return;
        }
        let wanted = permits.len();
        let claimed = match run_once(&shared, &kind, permits, &sender).await {
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
        // The queue had less than was wanted: nothing to do before something happens.
        let pause = shared.options.poll.mul_f64(rand::rng().random_range(0.5..1.0)).max(outage);
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
            () = sleep(pause) => {}
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
) -> Result<usize, DatabaseError> {
    let worker = shared.roster.worker();
    let estimate = shared.costs.estimate(kind).unwrap_or(UNKNOWN_COST);
    let claimed_at = Instant::now();
    let leases = answered(queue::claim(&shared.engine.db, worker, kind, permits.len(), estimate)).await?;
    let claimed = leases.len();
    let mut entered = Vec::with_capacity(claimed);
    for (lease, slot) in leases.into_iter().zip(permits) {
        let entry = shared.roster.enter(&lease);
        entered.push((lease, entry, slot));
    }
    // What does not arrive is read by each attempt for itself.
    let loading = load(&shared.engine.db, entered.iter().map(|(lease, ..)| lease));
    let mut loaded = timeout(ONE_ANSWER, loading).await.unwrap_or_default();
    for (lease, entry, slot) in entered {
        let loaded = loaded.remove(&lease.job).unwrap_or_default();
        let assigned = Assigned { lease: Arc::new(lease), loaded, claimed_at, entry, slot };
        if sender.send(assigned).await.is_err() {
            tracing::error!(kind, "nobody runs this kind any more; the job is handed back");
        }
    }
    Ok(claimed)
}
