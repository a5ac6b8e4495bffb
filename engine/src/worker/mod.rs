//! The worker: claims jobs, runs each in a child, and settles what came of it.
//!
//! ```text
//! Feed (one a kind)        claims as many jobs as there are free slots, on a hint or a poll
//!   └▶ KindBackend         hands them to apalis, which drives the slots of the kind
//!        └▶ execute        load ▸ ask a service ▸ stage ▸ run the child, keep its checkpoints ▸ publish ▸ settle
//! Pulse                    renews the lease; learns which jobs are cancelled or lost, and whether to drain
//! Bills                    lanes are charged with what their jobs used
//! Duties                   due jobs become ready; dead workers' jobs are rescued
//! duty                     what one process does for all: old jobs are pruned, the bucket is swept
//! webhook                  and one, mostly the same, tells the tenants' webhooks
//! document::sink           and one a search server outside, where there is one
//! ```
//!
//! Nothing here keeps a database connection or a transaction while a job runs. When the database is away,
//! running jobs go on, and their settle waits for it to come back: it counts if nobody has rescued the
//! job in the meantime, and is dropped otherwise.

mod backend;
mod bills;
mod checkpoints;
mod costs;
mod count;
mod document;
mod duties;
mod execute;
mod feed;
mod handover;
mod options;
mod outcome;
mod patience;
mod publish;
mod pulse;
mod reports;
mod roster;
mod settler;
mod stage;
mod survey;
mod tenants;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use apalis::layers::WorkerBuilderExt;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_core::worker::context::WorkerContext;
use apalis_core::worker::ext::parallelize::ParallelizeExt;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::Engine;
use crate::child::{AttemptDirs, ChildPool, PoolError};
use crate::db::DatabaseError;
use crate::document::sink;
use crate::duty;
use crate::web::Fetcher;
use crate::webhook;
use backend::{Assigned, KindBackend};
use bills::Bills;
use costs::Costs;
use roster::{Roster, StopReason};
use settler::Settler;

pub use options::WorkerOptions;

/// What jobs that were stopped at shutdown get to write down that they are handed back, and the tasks of a worker to end.
const SETTLE_GRACE: Duration = Duration::from_secs(10);

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
    pub fetcher: Fetcher,
    pub roster: Roster,
    pub costs: Costs,
    pub bills: Bills,
    pub settler: Settler,
    /// Whose checkpoints are on their way from or to the store.
    pub checkpoint_turns: Semaphore,
    /// No new claims for now; the feeds wait for its end.
    pub draining: watch::Sender<bool>,
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
        engine.meter().works_in(options.work_dir.clone());
        // Jobs of kinds that run elsewhere are rescued here, too.
        for entry in engine.catalog().iter() {
            engine.meter().jobs().knows(entry.info.name);
        }
        for (kind, slots) in &options.slots {
            engine.meter().jobs().has_slots(kind, *slots);
        }
        let fetcher = Fetcher::new(engine.catalog().web().clone(), options.web.clone());
        let roster = Roster::new();
        pulse::register(&engine.db, &roster, &options).await?;
        let bills = Bills::default();
        let settler = Settler::start(&engine.db, &engine.notifier, &bills);
        let shared = Shared {
            engine,
            options,
            children,
            dirs,
            fetcher,
            roster,
            costs: Costs::default(),
            bills,
            settler,
            checkpoint_turns: Semaphore::new(checkpoints::TURNS),
            draining: watch::Sender::new(false),
            closing: CancellationToken::new(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Works until `shutdown`, then ends in order: no new claims, a grace for what runs, and what is
    /// still running after it is handed back.
    pub async fn run(self, shutdown: CancellationToken) {
        self.run_with(shutdown, CancellationToken::new()).await;
    }

    /// The same, with a word that ends the grace: `at_once`, after `shutdown`.
    pub async fn run_with(self, shutdown: CancellationToken, at_once: CancellationToken) {
        let shared = self.shared;
        let ended = CancellationToken::new();
        let mut background = JoinSet::new();
        background.spawn(pulse::run(Arc::clone(&shared), ended.clone()));
        background.spawn(duties::run(Arc::clone(&shared), ended.clone()));
        background.spawn(bills::run(Arc::clone(&shared), ended.clone()));
        background.spawn(duty::run(
            shared.engine.clone(),
            shared.options.retention.clone(),
            shared.roster.worker(),
            shared.options.lease,
            ended.clone(),
        ));
        background.spawn(webhook::run(
            shared.engine.clone(),
            shared.options.webhooks.clone(),
            shared.roster.worker(),
            shared.options.lease,
            ended.clone(),
        ));

        if let Some(search) = shared.options.search.clone() {
            background.spawn(sink::run(
                shared.engine.db.clone(),
                search,
                shared.roster.worker(),
                shared.options.lease,
                ended.clone(),
            ));
        }

        let mut feeds = JoinSet::new();
        let mut kinds = JoinSet::new();
        let mut contexts = Vec::new();
        for (kind, slots) in &shared.options.slots {
            let context = WorkerContext::new(kind);
            let (sender, receiver) = mpsc::channel(*slots);
            feeds.spawn(feed::run(Arc::clone(&shared), kind.clone(), *slots, sender));
            kinds.spawn(run_kind(Arc::clone(&shared), kind.clone(), receiver, context.clone()));
            contexts.push(context);
        }
        tracing::info!(worker = %shared.roster.worker(), slots = ?shared.options.slots, "worker ready");

        shutdown.cancelled().await;
        shared.closing.cancel();
        // A claim that is under way brings its jobs into the roster before anybody looks whether it is empty.
        while feeds.join_next().await.is_some() {}
        let running = shared.roster.len();
        if running == 0 {
            tracing::info!("worker claims no more; nothing runs");
        } else {
            let grace = shared.options.grace.as_secs();
            tracing::info!(
                running,
                "worker claims no more; what runs has {grace} s, a second signal ends that"
            );
            pulse::say_draining(&shared).await;
        }
        let graced = timeout(shared.options.grace, shared.roster.empty());
        let all_ended = tokio::select! {
            ended = graced => ended.is_ok(),
            () = at_once.cancelled() => false,
        };
        if !all_ended {
            shared.roster.stop_all(StopReason::Shutdown);
            let last_words = shared.options.kill_grace + SETTLE_GRACE;
            if timeout(last_words, shared.roster.empty()).await.is_err() {
                // The database is away, most likely: the leases run out, and the jobs run elsewhere.
                tracing::error!(running = shared.roster.len(), "jobs could not be handed back");
                shared.roster.stop_all(StopReason::LeaseLost);
            }
        }
        for context in &contexts {
            // A kind that has ended by itself has nothing to stop.
            let _already_stopped = context.stop();
        }
        see_off(&mut kinds, "slots").await;
        ended.cancel();
        see_off(&mut background, "duties").await;
        if let Err(error) = pulse::leave(&shared).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "worker not deregistered; its lease runs out"
            );
        }
        tracing::info!("worker stopped");
    }
}

/// Waits for what was told to end, and breaks off what does not: it may wait for somebody who never answers, and what it would
/// still do is not this worker's any more, or is done again by another.
async fn see_off(tasks: &mut JoinSet<()>, what: &str) {
    let ending = async { while tasks.join_next().await.is_some() {} };
    if timeout(SETTLE_GRACE, ending).await.is_err() {
        tracing::error!(what, "did not end with the worker, and are broken off");
        tasks.abort_all();
    }
}

/// Drives the slots of one kind.
async fn run_kind(
    shared: Arc<Shared>,
    kind: String,
    receiver: mpsc::Receiver<Assigned>,
    context: WorkerContext,
) {
    if let Err(error) = drive(shared, receiver, context).await {
        tracing::error!(kind, error = &error as &dyn std::error::Error, "the slots of a kind ended");
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
        // Whatever panics must not take the other slots of the kind along.
        .catch_panic()
        .parallelize(tokio::spawn)
        .build(handler)
        .run()
        .boxed()
}
