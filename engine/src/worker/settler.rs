//! How are attempts settled under load? Those that have ended since the last commit share the next one.
//!
//! A lone attempt is settled at once. While a commit is under way others end; they are settled by one
//! transaction, so that the cost of a commit is shared by as many as there are. What is wrong with one of
//! them must not harm the others: a transaction that Postgres refuses is taken apart.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

use crate::db::{DatabaseError, Db};
use crate::id::WorkerId;
use crate::queue::{self, Lease, Notifier, Outcome, Settled, Signal};
use crate::tenant::Tenant;

/// Attempts of one transaction at most.
const MOST: usize = 1_000;
/// Transactions at the same time: while one waits for the disk, the other is filled.
const AT_ONCE: usize = 2;

/// An attempt that has ended.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    pub tenant: Arc<Tenant>,
    pub lease: Arc<Lease>,
    pub outcome: Arc<Outcome>,
}

struct Wish {
    finished: Finished,
    answer: oneshot::Sender<Result<Settled, DatabaseError>>,
}

/// The place where the settles of a worker meet.
pub(crate) struct Settler(mpsc::UnboundedSender<Wish>);

impl Settler {
    /// Starts the writers; they end when this is dropped.
    pub fn start(db: &Db, notifier: &Notifier) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..AT_ONCE {
            tokio::spawn(settle_all(db.clone(), notifier.clone(), Arc::clone(&receiver)));
        }
        Self(sender)
    }

    /// Settles an attempt, in a transaction that may be shared.
    ///
    /// # Errors
    /// When the database is away; asking again is harmless.
    pub async fn settle(&self, finished: Finished) -> Result<Settled, DatabaseError> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Wish { finished, answer }).map_err(|_| DatabaseError::timed_out())?;
        answered.await.unwrap_or_else(|_| Err(DatabaseError::timed_out()))
    }
}

async fn settle_all(db: Db, notifier: Notifier, receiver: Arc<Mutex<mpsc::UnboundedReceiver<Wish>>>) {
    let mut wishes = Vec::with_capacity(MOST);
    loop {
        if receiver.lock().await.recv_many(&mut wishes, MOST).await == 0 {
            return;
        }
        // A worker that began a new life may still settle attempts of the old one.
        let mut by_worker: BTreeMap<WorkerId, Vec<Wish>> = BTreeMap::new();
        for wish in wishes.drain(..) {
            by_worker.entry(wish.finished.lease.worker).or_default().push(wish);
        }
        for (worker, batch) in by_worker {
            match together(&db, &notifier, worker, &batch).await {
                Ok(settled) => {
                    for (wish, settled) in batch.into_iter().zip(settled) {
                        // Whoever asked may have been dropped at a shutdown; the settle counts all the same.
                        let _gone = wish.answer.send(Ok(settled));
                    }
                }
                Err(error) if batch.len() > 1 && !error.is_unavailable() => {
                    for wish in batch {
                        let alone = together(&db, &notifier, worker, std::slice::from_ref(&wish)).await;
                        let _gone = wish.answer.send(alone.map(|settled| first(&settled)));
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        attempts = batch.len(),
                        "not settled yet"
                    );
                    let mut error = Some(error);
                    for wish in batch {
                        let error = error.take().unwrap_or_else(DatabaseError::timed_out);
                        let _gone = wish.answer.send(Err(error));
                    }
                }
            }
        }
    }
}

fn first(settled: &[Settled]) -> Settled {
    settled.first().copied().unwrap_or(Settled::LeaseLost)
}

async fn together(
    db: &Db,
    notifier: &Notifier,
    worker: WorkerId,
    batch: &[Wish],
) -> Result<Vec<Settled>, DatabaseError> {
    let ended: Vec<queue::Ended<'_>> = batch
        .iter()
        .map(|Wish { finished: Finished { tenant, lease, outcome }, .. }| queue::Ended {
            tenant,
            lease,
            outcome,
        })
        .collect();
    let settlement = queue::settle_all(db, worker, &ended).await?;
    for job in settlement.dependents {
        notifier.send(Signal::Final(job));
    }
    Ok(settlement.settled)
}
