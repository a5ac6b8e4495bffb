//! Where do children come from? From a thread that keeps a few of them ready.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use rustix::event::Timespec;
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use tokio::sync::oneshot;

use super::process::{ChildProcess, Replacement};
use super::readable::{AT_ONCE, WARM_UP, readable};
use super::sandbox::{Sandbox, SandboxConfig, SandboxMode, probe};
use super::slots::Slots;
use super::source::Source;
pub use super::spawn::ChildProgram;
use super::spawn::Spawned;

/// How a pool makes its children.
#[derive(Debug, Clone)]
pub struct PoolConfig {
    /// What to execute.
    pub program: ChildProgram,
    /// Children that are kept ready. Each holds the memory of a process that has done nothing yet.
    pub spares: usize,
    /// Whether children are forked from a template, a process that is linked once for many of them.
    pub template: bool,
    /// The walls around every child.
    pub sandbox: SandboxConfig,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            program: ChildProgram::default(),
            spares: 1,
            template: true,
            sandbox: SandboxConfig::default(),
        }
    }
}

/// No pool can be had on this machine as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The sandbox is required, and the kernel lacks a part of it.
    #[error("the sandbox is required, and this machine lacks {}", .0.join(" and "))]
    NoSandbox(Vec<&'static str>),
    /// Without Landlock, this process cannot be closed to the eyes of its children.
    #[error("failed to hide this process from its children")]
    Exposed(#[source] io::Error),
    /// The thread that starts children cannot be started.
    #[error("failed to start the thread that starts children")]
    Thread(#[source] io::Error),
}

/// Sharing a user would let two children count and signal each other; being root is worse.
const NO_USER: &str = "more children at once than the sandbox has users for";

/// A source of children, each good for one attempt. Its end is the end of all children it started.
#[derive(Debug)]
pub struct ChildPool {
    wishes: Sender<Wish>,
    config: SandboxConfig,
    slots: Option<Slots>,
}

/// What the pool asks of its thread.
#[derive(Debug)]
pub(super) enum Wish {
    /// A child for an attempt.
    Take(oneshot::Sender<io::Result<Spawned>>),
    /// As many spares as there should be.
    Replenish,
    /// An answer when every spare is ready.
    Warm(oneshot::Sender<()>),
    /// The number of the process that children are forked from.
    Template(oneshot::Sender<Option<u32>>),
    /// Nothing more, ever.
    End,
}

impl ChildPool {
    /// Starts the pool and its first spares.
    ///
    /// # Errors
    /// When the sandbox is required and cannot be built here, or no thread can be started.
    pub fn start(config: PoolConfig) -> Result<Self, PoolError> {
        let support = probe();
        let missing = support.missing();
        if !missing.is_empty() {
            if config.sandbox.mode == SandboxMode::Require {
                return Err(PoolError::NoSandbox(missing));
            }
            super::sandbox::warn_once(&missing);
        }
        if support.landlock_abi.is_none() {
            // Only Landlock keeps a child of our own user from reading our environment in /proc.
            set_dumpable_behavior(DumpableBehavior::NotDumpable)
                .map_err(|error| PoolError::Exposed(error.into()))?;
        }
        let (wishes, inbox) = mpsc::channel();
        let source = Source::new(config.program, config.template);
        let mut spares = Spares { source, wanted: config.spares, ready: VecDeque::new() };
        thread::Builder::new()
            .name("child-spawner".to_owned())
            .spawn(move || spares.serve(&inbox))
            .map_err(PoolError::Thread)?;
        let users = config.sandbox.users;
        let slots = (support.other_users && users.count > 0).then(|| Slots::new(users));
        let pool = Self { wishes, config: config.sandbox, slots };
        pool.wish(Wish::Replenish);
        Ok(pool)
    }

    /// A child for one attempt: a spare if there is one, else a new process.
    ///
    /// # Errors
    /// When no process can be started, or more children live than there are users for them.
    pub async fn take(&self) -> io::Result<ChildProcess> {
        let (reply, answer) = oneshot::channel();
        self.wish(Wish::Take(reply));
        let spawned =
            answer.await.map_err(|_| io::Error::other("the thread that starts children ended"))??;
        let slot = match &self.slots {
            Some(slots) => Some(slots.take().ok_or_else(|| io::Error::other(NO_USER))?),
            None => None,
        };
        let sandbox = Sandbox {
            mode: self.config.mode,
            user: slot.as_ref().map(|slot| slot.user),
            read_only: self.config.read_only.clone(),
        };
        ChildProcess::new(spawned, sandbox, slot, Replacement(Some(self.wishes.clone())))
    }

    /// Waits until every spare has loaded its libraries.
    pub async fn warm(&self) {
        let (reply, answer) = oneshot::channel();
        self.wish(Wish::Warm(reply));
        let _thread_gone = answer.await;
    }

    /// The number of the process that the next child would be forked from, if one serves; for whoever looks after
    /// processes.
    pub async fn template(&self) -> Option<u32> {
        let (reply, answer) = oneshot::channel();
        self.wish(Wish::Template(reply));
        answer.await.ok().flatten()
    }

    /// A thread that is gone shows in the answer that does not come.
    fn wish(&self, wish: Wish) {
        let _thread_gone = self.wishes.send(wish);
    }
}

impl Drop for ChildPool {
    /// Ends the thread, and with it, by the parent-death signal, every child that it started.
    fn drop(&mut self) {
        self.wish(Wish::End);
    }
}

/// The thread's own state.
struct Spares {
    source: Source,
    wanted: usize,
    ready: VecDeque<Spawned>,
}

impl Spares {
    /// Grants wishes until the pool is gone; then the spares go with it.
    fn serve(&mut self, inbox: &Receiver<Wish>) {
        while let Ok(wish) = inbox.recv() {
            match wish {
                // If the asker is gone, the child is dropped, and so killed.
                Wish::Take(reply) => drop(reply.send(self.take())),
                Wish::Replenish => self.replenish(),
                Wish::Template(reply) => drop(reply.send(self.template())),
                Wish::End => return,
                Wish::Warm(reply) => {
                    self.ready.iter().for_each(|spare| drop(spoke(spare, &WARM_UP)));
                    let _asker_gone = reply.send(());
                }
            }
        }
    }

    /// The spare that has been ready longest; one that still loads if none is; a new one if none lives.
    fn take(&mut self) -> io::Result<Spawned> {
        self.ready.retain(lives);
        let warm = self.ready.iter().position(|spare| spoke(spare, &AT_ONCE).unwrap_or(false));
        match self.ready.remove(warm.unwrap_or(0)) {
            Some(spare) => Ok(spare),
            None => self.source.child(),
        }
    }

    fn template(&self) -> Option<u32> {
        self.source.template().map(|pid| pid.as_raw_nonzero().get().unsigned_abs())
    }

    fn replenish(&mut self) {
        self.ready.retain(lives);
        while self.ready.len() < self.wanted {
            match self.source.child() {
                Ok(spare) => self.ready.push_back(spare),
                Err(error) => {
                    tracing::warn!(%error, "failed to start a spare child");
                    return;
                }
            }
        }
    }
}

/// A process's descriptor becomes readable when the process ends.
fn lives(spare: &Spawned) -> bool {
    !readable(&spare.leader, &AT_ONCE).unwrap_or(true)
}

/// Whether a spare has said within `limit` that it is ready, or has ended.
fn spoke(spare: &Spawned, limit: &Timespec) -> io::Result<bool> {
    readable(&spare.stdout, limit)
}
