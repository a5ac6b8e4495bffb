//! What does the worker hold of a child? Its process group, its pipes and the certainty of its end.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::mpsc::Sender;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::io::unix::AsyncFd;
use tokio::net::unix::pipe;

use super::pool::Wish;
use super::sandbox::Sandbox;
use super::slots::Slot;
use super::spawn::Spawned;
use super::sys::{self, Exit};

/// The first process of a group. Dropping it before it was collected kills and collects it.
#[derive(Debug)]
pub(super) struct Leader {
    pid: Pid,
    pidfd: OwnedFd,
    collected: bool,
}

impl Leader {
    /// Takes charge of a child of this process; without a descriptor for it, ends it.
    pub fn new(pid: Pid, pidfd: Result<OwnedFd, rustix::io::Errno>) -> io::Result<Self> {
        match pidfd {
            Ok(pidfd) => Ok(Self { pid, pidfd, collected: false }),
            Err(error) => {
                let _gone_already = kill_process_group(pid, Signal::KILL);
                sys::wait4(pid, true)?;
                Err(error.into())
            }
        }
    }

    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Something to await the leader's end on.
    pub fn end(&self) -> io::Result<AsyncFd<OwnedFd>> {
        sys::awaitable(self.pidfd.try_clone()?)
    }

    /// Sends a signal to every process of the group. The group may have ended already.
    ///
    /// Until the leader is collected its number is not given to another process.
    pub fn signal(&self, signal: Signal) {
        if !self.collected {
            let _gone_already = kill_process_group(self.pid, signal);
        }
    }

    /// Whether the leader has ended, without collecting it.
    pub fn has_ended(&self) -> io::Result<bool> {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        Ok(waitid(WaitId::Pid(self.pid), look)?.is_some())
    }

    /// Collects the leader if it has ended.
    pub fn collect(&mut self) -> io::Result<Option<Exit>> {
        let exit = sys::wait4(self.pid, false)?;
        self.collected = exit.is_some();
        Ok(exit)
    }
}

impl AsFd for Leader {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        if self.collected {
            return;
        }
        self.signal(Signal::KILL);
        let pid = self.pid;
        // A killed process takes a moment to give back its memory; an async task must not wait for it.
        let waiting = std::thread::Builder::new().spawn(move || sys::wait4(pid, true));
        if let Err(error) = waiting {
            tracing::warn!(%error, "failed to start a thread that collects a killed child");
        }
    }
}

/// A child that has no work yet. Give it to [`supervise`](super::supervise).
#[derive(Debug)]
pub struct ChildProcess {
    pub(super) leader: Leader,
    pub(super) stdin: pipe::Sender,
    pub(super) stdout: pipe::Receiver,
    pub(super) stderr: pipe::Receiver,
    pub(super) sandbox: Sandbox,
    pub(super) slot: Option<Slot>,
    pub(super) replacement: Replacement,
}

/// Asks the pool for a new spare, at the latest when it is dropped.
#[derive(Debug)]
pub(super) struct Replacement(pub Option<Sender<Wish>>);

impl Replacement {
    /// Asks now. The pool may be gone already, and then needs no spare.
    pub fn ask(&mut self) {
        if let Some(pool) = self.0.take() {
            let _pool_gone = pool.send(Wish::Replenish);
        }
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        self.ask();
    }
}

impl ChildProcess {
    pub(super) fn new(
        spawned: Spawned,
        sandbox: Sandbox,
        slot: Option<Slot>,
        replacement: Replacement,
    ) -> io::Result<Self> {
        Ok(Self {
            stdin: pipe::Sender::from_owned_fd(spawned.stdin)?,
            stdout: pipe::Receiver::from_owned_fd(spawned.stdout)?,
            stderr: pipe::Receiver::from_owned_fd(spawned.stderr)?,
            leader: spawned.leader,
            sandbox,
            slot,
            replacement,
        })
    }

    /// The child's process number, which is also its group's.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.leader.pid().as_raw_nonzero().get().unsigned_abs()
    }
}

/// Waits until the leader has ended, kills the rest of its group, and collects it.
pub(super) async fn ended(leader: &mut Leader, its_end: &AsyncFd<OwnedFd>) -> io::Result<Exit> {
    loop {
        let mut ready = its_end.readable().await?;
        if leader.has_ended()? {
            // Ended and not yet collected: the group's number still belongs to it.
            leader.signal(Signal::KILL);
            if let Some(exit) = leader.collect()? {
                return Ok(exit);
            }
        }
        // The runtime may wake without cause.
        ready.clear_ready();
    }
}
