//! What does a worker process know? One slot, so one job at a time.

use esteira_engine::job::AttemptEnd;

use crate::database::Lease;

/// What runs in a place for a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Process {
    Down,
    Up { life: usize, paused: bool, slot: Slot },
}

/// What the one slot does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    Idle,
    /// A claim was asked for.
    Waiting,
    Running(Lease),
    /// The attempt is over, its files are in the store, and a settle was asked for.
    Settling {
        lease: Lease,
        end: End,
        /// A heartbeat did not name the lease any more.
        missed: bool,
    },
}

/// How an attempt ended, as far as the protocol cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    Succeeded,
    Failed,
    Cancelled,
    Released,
    /// The end that a rescuer gives.
    WorkerLost,
}

impl End {
    pub fn of_attempt(self) -> AttemptEnd {
        match self {
            Self::Succeeded => AttemptEnd::Succeeded,
            Self::Failed => AttemptEnd::Failed { retryable: true },
            Self::Cancelled => AttemptEnd::Cancelled,
            Self::Released => AttemptEnd::Released,
            Self::WorkerLost => AttemptEnd::Crashed,
        }
    }
}

impl Process {
    /// Its life and slot, if it can do something.
    pub fn awake(&self) -> Option<(usize, Slot)> {
        match *self {
            Self::Up { life, paused: false, slot } => Some((life, slot)),
            _ => None,
        }
    }
}

impl Slot {
    /// Whether the roster holds this lease.
    pub fn holds(&self, wanted: &Lease) -> bool {
        matches!(self, Self::Running(lease) | Self::Settling { lease, .. } if lease == wanted)
    }
}
