//! When is which duty done? Every worker asks whether it leads; the leader does a step of each.

use std::time::Duration;

use rand::Rng;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::prune::prune;
use super::{Leadership, PruneError, Pruned, RetentionOptions, SweepError, lead, sweep_once};
use crate::Engine;
use crate::db::{DatabaseError, answered};
use crate::id::WorkerId;
use crate::trace;

/// The name under which retention is led.
const NAME: &str = "retention";
/// How often a lease is renewed before it runs out.
const RENEWALS_PER_LEASE: u32 = 3;
/// Between two steps while there is work: old things can wait, jobs cannot.
const BETWEEN: Duration = Duration::from_millis(100);
/// A step that takes longer hangs: it looks at a page of keys, or at a thousand jobs.
const ONE_STEP: Duration = Duration::from_secs(600);
/// What a worker that ends gives the database to hear of it.
const STEP_DOWN: Duration = Duration::from_secs(5);

/// Leads, or waits to, until the worker has ended.
pub(crate) async fn run(
    engine: Engine,
    options: RetentionOptions,
    holder: WorkerId,
    lease: Duration,
    ended: CancellationToken,
) {
    let mut leading: Option<Leadership> = None;
    let mut busy = false;
    loop {
        let jitter = rand::rng().random_range(0.8..1.0);
        let pause = match &leading {
            Some(_) if busy => BETWEEN,
            Some(_) => lease.mul_f64(jitter) / RENEWALS_PER_LEASE,
            // A hundred workers wait to lead, and nothing of this is urgent.
            None => lease.mul_f64(jitter),
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = ended.cancelled() => break,
        }
        leading = ask(&engine, holder, lease).await;
        busy = match &leading {
            // A step that is broken off anywhere is done again by whoever leads next.
            Some(leadership) => tokio::select! {
                more = timeout(ONE_STEP, step(&engine, &options, leadership)) => more.unwrap_or(false),
                () = deposed(&engine, holder, lease) => false,
                () = ended.cancelled() => break,
            },
            None => false,
        };
    }
    if let Some(leadership) = leading {
        let stepped = timeout(STEP_DOWN, leadership.step_down(&engine.db)).await;
        if let Err(error) = stepped.unwrap_or_else(|_| Err(DatabaseError::timed_out())) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the lead is not given up; it runs out");
        }
    }
}

async fn ask(engine: &Engine, holder: WorkerId, lease: Duration) -> Option<Leadership> {
    match answered(lead(&engine.db, NAME, holder, lease)).await {
        Ok(leadership) => leadership,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not known who leads");
            None
        }
    }
}

/// Renews the lease while a step takes its time; comes back when that fails.
async fn deposed(engine: &Engine, holder: WorkerId, lease: Duration) {
    loop {
        sleep(lease / RENEWALS_PER_LEASE).await;
        if ask(engine, holder, lease).await.is_none() {
            return;
        }
    }
}

/// One step of each duty; tells whether there may be more to do.
async fn step(engine: &Engine, options: &RetentionOptions, leadership: &Leadership) -> bool {
    match trace::forget_old(&engine.db).await {
        Ok(0) => {}
        Ok(traces) => tracing::info!(traces, "contexts of old traces were forgotten"),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "contexts of old traces are not forgotten"
            );
        }
    }
    let pruned = match prune(&engine.db, &engine.store, Some(engine), options, leadership).await {
        Ok(pruned) => {
            let some = |pruned: &&Pruned| {
                pruned.jobs
                    + pruned.uploads
                    + pruned.keys
                    + pruned.deliveries
                    + pruned.runs
                    + pruned.unfinished
                    + pruned.checkpoints
                    > 0
            };
            if let Some(Pruned {
                tenant,
                jobs,
                uploads,
                keys,
                deliveries,
                runs,
                unfinished,
                checkpoints,
                ..
            }) = pruned.as_ref().filter(some)
            {
                tracing::info!(%tenant, jobs, uploads, keys, deliveries, runs, unfinished, checkpoints, "pruned");
            }
            pruned.is_some()
        }
        Err(PruneError::Deposed) => false,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not pruned");
            // The others are looked at; this one's turn comes again.
            matches!(error, PruneError::Rows { .. } | PruneError::Objects { .. })
        }
    };
    let swept = match sweep_once(&engine.db, &engine.store, options, leadership).await {
        Ok(swept) => {
            if let Some(swept) = swept.as_ref().filter(|swept| swept.deleted > 0) {
                tracing::warn!(objects = swept.deleted, "objects that nobody named were deleted");
            }
            swept.is_some()
        }
        Err(SweepError::Deposed) => false,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not swept");
            false
        }
    };
    pruned || swept
}
