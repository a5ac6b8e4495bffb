//! What stands between a kind and the machine? Limits, another user, Landlock and seccomp, in that order.
//!
//! `Sandbox::enter` runs in the child, while it has one thread, before the kind sees a byte. Each wall
//! covers what the others leave open: Landlock knows paths and nothing of sockets before its fourth
//! version; seccomp knows calls and nothing of paths; another user keeps two children apart even on a
//! kernel without either.

mod call_lists;
mod calls;
mod files;
mod identity;
mod limits;
mod probe;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::job::Resources;

pub(super) use probe::warn_once;
pub use probe::{SandboxSupport, probe};

/// What to do on a machine that cannot build the whole sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxMode {
    /// Refuse to start, and fail an attempt whose sandbox is not whole.
    Require,
    /// Build what the kernel offers, and warn once.
    #[default]
    BestEffort,
}

/// The parts of the sandbox that do not depend on the job.
#[derive(Debug, Clone, Default)]
pub struct SandboxConfig {
    /// What to do where a part cannot be had.
    pub mode: SandboxMode,
    /// Users that children may become, one each, when the worker runs as root.
    pub users: UserRange,
    /// Directories that every kind may read, besides the system's libraries and fonts.
    pub read_only: Vec<PathBuf>,
}

/// A range of user numbers that nobody else uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRange {
    /// The first number.
    pub first: u32,
    /// How many there are; zero keeps the worker's own user.
    pub count: u32,
}

impl Default for UserRange {
    /// 60578 to 60705, which systemd's table of user numbers leaves to nobody.
    fn default() -> Self {
        Self { first: 60_578, count: 128 }
    }
}

/// What the child is told about its walls, beside the assignment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sandbox {
    pub mode: SandboxMode,
    /// The user to become; `None` keeps the worker's.
    pub user: Option<u32>,
    pub read_only: Vec<PathBuf>,
}

/// A wall could not be built.
#[derive(Debug, thiserror::Error)]
#[error("failed to build the sandbox: {what}: {reason}")]
pub(super) struct SandboxError {
    what: &'static str,
    reason: String,
}

impl SandboxError {
    fn new(what: &'static str, reason: impl std::fmt::Display) -> Self {
        Self { what, reason: reason.to_string() }
    }
}

impl Sandbox {
    /// Builds every wall around this process, whose current directory is the work directory. Gives
    /// what could not be built, where the operator bears with that.
    pub fn enter(&self, resources: &Resources) -> Result<Vec<SandboxError>, SandboxError> {
        limits::set(resources, self.user.is_some())?;
        identity::take_on(self.user)?;
        let read_only = self.read_only.iter().chain(&resources.read_only);
        let walls = [one_thread(), files::restrict(read_only), calls::filter()];
        let mut missing: Vec<SandboxError> = walls.into_iter().filter_map(Result::err).collect();
        match self.mode {
            SandboxMode::Require if !missing.is_empty() => Err(missing.remove(0)),
            SandboxMode::Require | SandboxMode::BestEffort => Ok(missing),
        }
    }
}

/// Landlock binds the calling thread and those it starts later, so there must be no other yet.
fn one_thread() -> Result<(), SandboxError> {
    const WHAT: &str = "threads";
    let threads =
        std::fs::read_dir("/proc/self/task").map_err(|error| SandboxError::new(WHAT, error))?.count();
    if threads > 1 {
        return Err(SandboxError::new(WHAT, format!("a library started {} before the kind", threads - 1)));
    }
    Ok(())
}
