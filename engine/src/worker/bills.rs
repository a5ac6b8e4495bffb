//! When do lanes pay for what their jobs used? A moment after the settle, many jobs at once.
//!
//! A settle that charged its lanes itself would wait for claims that hold them, and claims for it.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::Shared;
use crate::db::{Db, ONE_ANSWER, answered};
use crate::queue::{self, Used};

/// How long seconds are gathered; what claims do not know of yet is as much as can be used in that time.
const GATHERED: Duration = Duration::from_millis(50);
/// How often it is looked for jobs that outrun what was charged for them.
const OVERRUNS_EVERY: Duration = Duration::from_secs(1);

/// What is to be charged next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bills(Arc<Open>);

#[derive(Debug, Default)]
struct Open {
    used: Mutex<Used>,
    added: Notify,
}

impl Bills {
    /// Adds what settled jobs used.
    pub fn add(&self, used: Used) {
        if !used.is_empty() {
            self.0.used.lock().append(used);
            self.0.added.notify_one();
        }
    }

    fn take(&self) -> Used {
        std::mem::take(&mut *self.0.used.lock())
    }
}

/// Charges until the worker has ended.
pub(super) async fn run(shared: Arc<Shared>, ended: CancellationToken) {
    let db = &shared.engine.db;
    let mut looked_at = Instant::now();
    loop {
        let overruns = async {
            shared.roster.busy().await;
            sleep_until(looked_at + OVERRUNS_EVERY).await;
        };
        tokio::select! {
            () = shared.bills.0.added.notified() => {
                tokio::select! {
                    () = sleep(GATHERED) => {}
                    () = ended.cancelled() => {}
                }
                pay(db, &shared.bills.take()).await;
            }
            () = overruns => {
                looked_at = Instant::now();
                let jobs: Vec<_> = shared.roster.leases().into_iter().map(|(job, _)| job).collect();
                let charging = queue::charge_overruns(db, shared.roster.worker(), &jobs);
                if let Err(error) = answered(charging).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "running jobs not charged");
                }
            }
            () = ended.cancelled() => {
                pay(db, &shared.bills.take()).await;
                return;
            }
        }
    }
}

/// A bill that gets no answer is torn up: nobody's end waits for it.
pub(super) async fn pay(db: &Db, used: &Used) {
    if timeout(ONE_ANSWER, queue::charge(db, used)).await.is_err() {
        tracing::warn!("processing time not charged: the database did not answer");
    }
}
