//! The worker: claims jobs, runs each in a child, and settles what came of it.
//!
//! ```text
//! Feed (one a kind)        claims as many jobs as there are free slots, on a hint or a poll
//!   └▶ KindBackend         hands them to apalis, which drives the slots of the kind
//!        └▶ execute        load ▸ stage ▸ run the child ▸ publish ▸ settle
//! Pulse                    renews the lease; learns which jobs are cancelled or lost
//! Duties                   due jobs become ready; dead workers' jobs are rescued
//! ```
//!
//! Nothing here keeps a database connection or a transaction while a job runs. When the database is away,
//! running jobs go on, and their settle waits for it to come back: it counts if nobody has rescued the
//! job in the meantime, and is dropped otherwise.

mod backend;
mod costs;
mod duties;
mod execute;
mod feed;
mod options;
mod outcome;
mod patience;
mod publish;
mod pulse;
mod roster;
mod stage;

use std::io;
use std::sync::Arc;

use apalis::layers::WorkerBuilderExt;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_core::worker::context::WorkerContext;
use apalis_core::worker::ext::parallelize::ParallelizeExt;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::Engine;
use crate::child::{AttemptDirs, ChildPool, PoolError};
use crate::db::DatabaseError;
use crate::queue;
use backend::{Assigned, KindBackend};
use costs::Costs;
use roster::{Roster, StopReason};

pub use options::WorkerOptions;

/// A worker could not start.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// A slot was asked for a kind that there is not.
    #[error("there is no kind {0:?}")]
    UnknownKind(String),
    /// No place for the work directories.
    #[error("failed to prepare the work directory")]
    WorkDir(#[source] io::Error),
    /// No children can be started.
    #[error("failed to prepare child processes")]
    Children(#[from] PoolError),
    /// The database is away.
    #[error("failed to register the worker")]
    Database(#[from] DatabaseError),
}

/// What the parts of a worker share.
pub(crate) struct Shared {
    pub engine: Engine,
    pub options: WorkerOptions,
    pub children: ChildPool,
    pub dirs: AttemptDirs,
    pub roster: Roster,
    pub costs: Costs,
    /// No new claims.
    pub closing: CancellationToken,
}

/// A worker process' runtime.
pub struct Worker {
    shared: Arc<Shared>,
}

impl Worker {
    /// Prepares directories and children, and registers with the queue.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub async fn start(engine: Engine, options: WorkerOptions) -> Result<Self, WorkerError> {
        for kind in options.slots.keys() {
            if engine.catalog().get(kind).is_none() {
                return Err(WorkerError::UnknownKind(kind.clone()));
            }
        }
        let dirs = AttemptDirs::open(&options.work_dir).map_err(WorkerError::WorkDir)?;
        let children = ChildPool::start(options.pool.clone())?;
        let roster = Roster::new();
        pulse::register(&engine.db, &roster, &options).await?;
        let shared = Shared {
            engine,
            options,
            children,
            dirs,
            roster,
            costs: Costs::default(),
            closing: CancellationToken::new(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Works until `shutdown`, then ends in order: no new claims, a grace for what runs, and what is
    /// still running after it is handed back.
    pub async fn run(self, shutdown: CancellationToken) {
        let shared = self.shared;
        let ended = CancellationToken::new();
        let mut background = JoinSet::new();
        background.spawn(pulse::run(Arc::clone(&shared), ended.clone()));
        background.spawn(duties::run(Arc::clone(&shared), ended.clone()));

        let mut kinds = JoinSet::new();
        let mut contexts = Vec::new();
        for (kind, slots) in &shared.options.slots {
            let context = WorkerContext::new(kind);
            contexts.push(context.clone());
            kinds.spawn(run_kind(Arc::clone(&shared), kind.clone(), *slots, context));
        }
        tracing::info!(worker = %shared.roster.worker(), slots = ?shared.options.slots, "worker ready");

        shutdown.cancelled().await;
        shared.closing.cancel();
        tracing::info!(running = shared.roster.len(), "worker stops claiming");
        if timeout(shared.options.grace, shared.roster.empty()).await.is_err() {
            shared.roster.stop_all(StopReason::Shutdown);
            shared.roster.empty().await;
        }
        for context in &contexts {
            // A kind that has ended by itself has nothing to stop.
            let _already_stopped = context.stop();
        }
        while kinds.join_next().await.is_some() {}
        ended.cancel();
        while background.join_next().await.is_some() {}
        if let Err(error) = queue::deregister(&shared.engine.db, shared.roster.worker()).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "worker not deregistered; its lease runs out"
            );
        }
        tracing::info!("worker stopped");
    }
}

/// Drives the slots of one kind.
async fn run_kind(shared: Arc<Shared>, kind: String, slots: usize, context: WorkerContext) {
    let (sender, receiver) = mpsc::channel(slots);
    let permits = Arc::new(Semaphore::new(slots));
    let feed = tokio::spawn(feed::run(Arc::clone(&shared), kind.clone(), permits, sender));
    if let Err(error) = drive(shared, receiver, context).await {
        tracing::error!(kind, error = &error as &dyn std::error::Error, "the slots of a kind ended");
    }
    if let Err(error) = feed.await {
        tracing::error!(kind, error = &error as &dyn std::error::Error, "the feed of a kind ended");
    }
}

/// Boxed, since apalis' layers name closures over any lifetime, which an `async fn` around them cannot.
fn drive(
    shared: Arc<Shared>,
    receiver: mpsc::Receiver<Assigned>,
    context: WorkerContext,
) -> BoxFuture<'static, Result<(), apalis_core::error::WorkerError>> {
    let handler = move |assigned: Assigned| execute::execute(Arc::clone(&shared), assigned);
    WorkerBuilder::new(context)
        .backend(KindBackend::new(receiver))
        // One panicking handler must not take the others of its kind along; its job is handed back by
        // the pulse, which finds a lease that nobody holds.
        .catch_panic()
        .parallelize(tokio::spawn)
        .build(handler)
        .run()
        .boxed()
}
