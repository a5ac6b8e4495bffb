//! How are the attempts of a worker settled? By one transaction for those that have ended meanwhile.
//!
//! What is wrong with one of them must not harm the others: a transaction that Postgres refuses is taken
//! apart, and each is settled alone.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::bills::{Bills, pay};
use crate::db::{DatabaseError, Db};
use crate::gather::Gather;
use crate::id::WorkerId;
use crate::queue::{self, Ended, Lease, Notifier, Outcome, Settled, Signal, Used};
use crate::tenant::Tenant;

/// Attempts of one transaction at most.
const MOST: usize = 1_000;

/// An attempt that has ended.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    pub tenant: Arc<Tenant>,
    pub lease: Arc<Lease>,
    pub outcome: Arc<Outcome>,
}

type Answer = Result<Settled, DatabaseError>;

/// The place where the settles of a worker meet.
pub(crate) struct Settler(Gather<Finished, Answer>);

impl Settler {
    /// Starts the writers.
    pub fn start(db: &Db, notifier: &Notifier, bills: &Bills) -> Self {
        let desk = Desk { db: db.clone(), notifier: notifier.clone(), bills: bills.clone() };
        Self(Gather::start(MOST, move |finished| {
            let desk = desk.clone();
            async move { desk.settle_all(finished).await }
        }))
    }

    /// Settles an attempt, in a transaction that may be shared.
    ///
    /// # Errors
    /// When the database is away; asking again is harmless.
    pub async fn settle(&self, finished: Finished) -> Answer {
        self.0.ask(finished).await.unwrap_or_else(|| Err(DatabaseError::timed_out()))
    }
}

#[derive(Clone)]
struct Desk {
    db: Db,
    notifier: Notifier,
    bills: Bills,
}

impl Desk {
    async fn settle_all(&self, finished: Vec<Finished>) -> Vec<Answer> {
        // A worker that began a new life may still settle attempts of the old one.
        let mut by_worker: BTreeMap<WorkerId, Vec<(usize, Ended<'_>)>> = BTreeMap::new();
        for (at, Finished { tenant, lease, outcome }) in finished.iter().enumerate() {
            by_worker.entry(lease.worker).or_default().push((at, Ended { tenant, lease, outcome }));
        }
        let mut answers = Vec::with_capacity(finished.len());
        for (worker, batch) in by_worker {
            let (places, ended): (Vec<usize>, Vec<Ended<'_>>) = batch.into_iter().unzip();
            answers.extend(places.into_iter().zip(self.settle_batch(worker, &ended).await));
        }
        answers.sort_unstable_by_key(|(at, _)| *at);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    async fn settle_batch(&self, worker: WorkerId, ended: &[Ended<'_>]) -> Vec<Answer> {
        match self.together(worker, ended).await {
            Ok(settled) => settled.into_iter().map(Ok).collect(),
            Err(error) if ended.len() > 1 && !error.is_unavailable() => {
                let mut answers = Vec::with_capacity(ended.len());
                for one in ended {
                    let alone = self.together(worker, std::slice::from_ref(one)).await;
                    answers.push(alone.map(|settled| settled.first().copied().unwrap_or(Settled::LeaseLost)));
                }
                answers
            }
            Err(error) => {
                let first = std::iter::once(error);
                let others = std::iter::repeat_with(DatabaseError::timed_out);
                first.chain(others).map(Err).take(ended.len()).collect()
            }
        }
    }

    async fn together(&self, worker: WorkerId, ended: &[Ended<'_>]) -> Result<Vec<Settled>, DatabaseError> {
        let settlement = queue::settle_all(&self.db, worker, ended).await?;
        for job in settlement.dependents {
            self.notifier.send(Signal::Final(job));
        }
        self.charge(settlement.used, ended).await;
        Ok(settlement.settled)
    }

    /// Lanes of tenants with a limit of running jobs pay before a slot is free again: the claim that follows would take
    /// the wait of their next job for one for a slot. The others pay a moment later, many at once.
    async fn charge(&self, mut used: Used, ended: &[Ended<'_>]) {
        let tenants = ended.iter().map(|one| one.tenant);
        let limited: HashSet<i32> =
            tenants.filter(|tenant| tenant.limits.max_running.is_some()).map(|tenant| tenant.id.0).collect();
        let at_once = used.split_off(|tenant| limited.contains(&tenant));
        self.bills.add(used);
        pay(&self.db, &at_once).await;
    }
}
