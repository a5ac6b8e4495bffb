//! How do many callers submit at once? Together: whoever is waiting when a commit ends shares the next one.
//!
//! A submit costs a commit, and a commit costs a write to disk. Callers of one process that come while
//! another commit is under way are written by one transaction, which commits for all of them; a
//! lone caller waits for nobody. What is wrong with one submission must not harm the others: a transaction
//! that fails is taken apart, and each is written alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

use super::{NewJob, SubmitError, Submitted, submit_jobs, write_jobs};
use crate::db::Db;
use crate::id::TenantId;
use crate::tenant::Tenant;

/// Jobs of one transaction at most.
const MOST: usize = 200;
/// Transactions at the same time: while one waits for the disk, the other is filled.
const AT_ONCE: usize = 2;

struct Wish {
    tenant: Tenant,
    job: NewJob,
    answer: oneshot::Sender<Result<Submitted, SubmitError>>,
}

/// The place where the submits of a process meet.
#[derive(Debug, Clone)]
pub struct Submits(mpsc::UnboundedSender<Wish>);

impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a job of {}", self.tenant.slug)
    }
}

impl Submits {
    /// Starts the writers; they end with the last clone. Must be called inside a tokio runtime.
    #[must_use]
    pub fn start(db: &Db) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..AT_ONCE {
            tokio::spawn(write_all(db.clone(), Arc::clone(&receiver)));
        }
        Self(sender)
    }

    /// Writes a checked job, in a transaction that may be shared.
    ///
    /// # Errors
    /// See [`SubmitError`]; the job is not written then.
    pub async fn submit(&self, tenant: &Tenant, job: NewJob) -> Result<Submitted, SubmitError> {
        let (answer, answered) = oneshot::channel();
        let wish = Wish { tenant: tenant.clone(), job, answer };
        self.0.send(wish).map_err(|_| SubmitError::ShuttingDown)?;
        answered.await.unwrap_or(Err(SubmitError::ShuttingDown))
    }
}

async fn write_all(db: Db, receiver: Arc<Mutex<mpsc::UnboundedReceiver<Wish>>>) {
    let mut wishes = Vec::with_capacity(MOST);
    loop {
        if receiver.lock().await.recv_many(&mut wishes, MOST).await == 0 {
            return;
        }
        let batch = std::mem::take(&mut wishes);
        if batch.len() > 1
            && let Ok(submitted) = together(&db, &batch).await
        {
            for (wish, submitted) in batch.into_iter().zip(submitted) {
                // Nobody waits any more: the job exists all the same.
                let _gone = wish.answer.send(Ok(submitted));
            }
            continue;
        }
        for wish in batch {
            let alone = submit_jobs(&db, &wish.tenant, &[&wish.job]).await;
            let alone = alone.and_then(|jobs| jobs.into_iter().next().ok_or(SubmitError::ShuttingDown));
            let _gone = wish.answer.send(alone);
        }
    }
}

/// One transaction for all; the answers in the order of the wishes.
async fn together(db: &Db, batch: &[Wish]) -> Result<Vec<Submitted>, SubmitError> {
    let mut by_tenant: BTreeMap<TenantId, Vec<usize>> = BTreeMap::new();
    for (at, wish) in batch.iter().enumerate() {
        by_tenant.entry(wish.tenant.id).or_default().push(at);
    }
    let mut answers = vec![None; batch.len()];
    let mut tx = db.begin().await?;
    for places in by_tenant.values() {
        let wishes: Vec<&Wish> = places.iter().filter_map(|at| batch.get(*at)).collect();
        let Some(first) = wishes.first() else { continue };
        let jobs: Vec<&NewJob> = wishes.iter().map(|wish| &wish.job).collect();
        let submitted = write_jobs(tx.conn(), &first.tenant, &jobs).await?;
        for (at, submitted) in places.iter().zip(submitted) {
            if let Some(place) = answers.get_mut(*at) {
                *place = Some(submitted);
            }
        }
    }
    tx.commit().await?;
    answers.into_iter().collect::<Option<Vec<_>>>().ok_or(SubmitError::ShuttingDown)
}
