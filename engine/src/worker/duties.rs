//! Who looks after what is nobody's? Every worker, since each duty is safe to run anywhere.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Shared;
use crate::db::answered;
use crate::queue::{self, Signal};

/// How often due jobs are looked for; a retry or a delayed job starts about so late at most.
const PROMOTE_EVERY: Duration = Duration::from_secs(1);
/// How often dead workers are looked for, of a lease. With the default of 10 s and a tick of at most 1.2 s, a
/// dead worker is noticed after 13.2 s at the latest.
const RESCUES_PER_LEASE: u32 = 5;

/// Promotes due jobs, and rescues those of dead workers, until the worker has ended.
pub(super) async fn run(shared: Arc<Shared>, ended: CancellationToken) {
    let db = &shared.engine.db;
    // After an outage of the database every lease has run out, though every worker lives. Nobody is
    // given up before the database has answered for as long as a lease: time for all to beat again.
    let mut answering_since: Option<Instant> = Some(Instant::now());
    let mut rescued_at = Instant::now();
    let mut more = false;
    loop {
        let jitter = rand::rng().random_range(0.8..1.2);
        tokio::select! {
            () = sleep(PROMOTE_EVERY.mul_f64(jitter)), if !more => {}
            () = ended.cancelled() => return,
            () = std::future::ready(()), if more => {}
        }
        let promoted = answered(queue::promote(db)).await;
        more = promoted.as_ref().is_ok_and(|promoted| promoted.more);
        match promoted {
            Ok(promoted) => {
                for kind in promoted.kinds {
                    shared.engine.notifier.send(Signal::Queued(kind));
                }
                let since = *answering_since.get_or_insert_with(Instant::now);
                let rescue_due = rescued_at.elapsed() >= shared.options.lease / RESCUES_PER_LEASE;
                if rescue_due && since.elapsed() >= shared.options.lease {
                    rescued_at = Instant::now();
                    rescue(&shared).await;
                }
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "due jobs not looked for");
                answering_since = None;
            }
        }
    }
}

async fn rescue(shared: &Shared) {
    match queue::rescue(&shared.engine.db, &shared.engine.catalog, || rand::rng().random()).await {
        Ok(rescued) => {
            for job in rescued.jobs.into_iter().chain(rescued.dependents) {
                shared.engine.notifier.send(Signal::Final(job));
            }
        }
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "dead workers not looked for"),
    }
}
