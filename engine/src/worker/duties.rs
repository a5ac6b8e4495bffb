//! Who looks after what is nobody's, and for jobs that nobody told of? Every worker, since each duty is safe to run anywhere.

use std::sync::Arc;

use rand::Rng;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Shared;
use crate::db::answered;
use crate::queue::{self, Around, Signal};

/// How often jobs of silent workers are rescued, of a lease. A dead worker is noticed after a lease, a fifth of one and 1.2
/// times `poll` at the latest; by default 13.2 s.
const RESCUES_PER_LEASE: u32 = 5;

/// Promotes due jobs, wakes feeds that have work without a hint, and rescues those of dead workers, until the worker has ended.
pub(super) async fn run(shared: Arc<Shared>, ended: CancellationToken) {
    let db = &shared.engine.db;
    let kinds: Vec<&str> = shared.options.slots.keys().map(String::as_str).collect();
    // After an outage of the database every lease has run out, though every worker lives. Nobody is
    // given up before the database has answered for as long as a lease: time for all to beat again.
    let mut answering_since: Option<Instant> = Some(Instant::now());
    let mut rescued_at = Instant::now();
    let mut rescue = AbortOnDropHandle::new(tokio::spawn(async {}));
    let mut more = false;
    loop {
        let jitter = rand::rng().random_range(0.8..1.2);
        tokio::select! {
            () = sleep(shared.options.poll.mul_f64(jitter)), if !more => {}
            () = ended.cancelled() => return,
            () = std::future::ready(()), if more => {}
        }
        let found = answered(queue::look_around(db, &kinds)).await;
        more = found.as_ref().is_ok_and(|around| around.promoted.more);
        match found {
            Ok(Around { promoted, waiting, silent }) => {
                for kind in promoted.kinds {
                    shared.engine.notifier.send(Signal::Queued(kind));
                }
                // Others find out by themselves.
                for kind in waiting {
                    shared.engine.hub.hear(Signal::Queued(kind));
                }
                let since = *answering_since.get_or_insert_with(Instant::now);
                // Now and then also without a silent worker: jobs of one that has no row at all.
                let (lease, last) = (shared.options.lease, rescued_at.elapsed());
                let rescue_due = last >= lease || silent && last >= lease / RESCUES_PER_LEASE;
                if rescue_due && since.elapsed() >= shared.options.lease && rescue.is_finished() {
                    rescued_at = Instant::now();
                    // Beside this loop: however many jobs there are to rescue, others are looked for meanwhile.
                    rescue = AbortOnDropHandle::new(tokio::spawn(rescue_all(Arc::clone(&shared))));
                }
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "due jobs not looked for");
                answering_since = None;
            }
        }
    }
}

async fn rescue_all(shared: Arc<Shared>) {
    match queue::rescue(&shared.engine.db, &shared.engine.catalog, || rand::rng().random()).await {
        Ok(rescued) => {
            for job in rescued.jobs.into_iter().chain(rescued.dependents) {
                shared.engine.notifier.send(Signal::Final(job));
            }
        }
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "dead workers not looked for"),
    }
}
