//! What can this kernel wall off? Asked by `esteira doctor` and once by every worker.

use std::sync::Once;

use super::super::sys;

/// Which parts of the sandbox this machine can build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxSupport {
    /// The version of Landlock's interface; `None` without Landlock.
    pub landlock_abi: Option<i32>,
    /// Whether system calls can be filtered.
    pub seccomp: bool,
    /// Whether children can run as other users than the worker: it is root.
    pub other_users: bool,
}

impl SandboxSupport {
    /// What is missing of the whole sandbox, in words for an operator; empty when nothing is.
    ///
    /// Running without root is no lack: the child keeps the worker's user behind the other walls.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.landlock_abi.is_none() {
            missing.push("Landlock (Linux 5.13 or newer, with `landlock` in the boot parameter `lsm=`)");
        }
        if !self.seccomp {
            missing.push("seccomp filters (CONFIG_SECCOMP_FILTER)");
        }
        missing
    }
}

/// Asks the kernel what it offers. Changes nothing.
#[must_use]
pub fn probe() -> SandboxSupport {
    SandboxSupport {
        landlock_abi: sys::landlock_abi(),
        seccomp: sys::has_seccomp(),
        other_users: rustix::process::geteuid().is_root(),
    }
}

/// Warns that children are not fully walled off, once in the life of this process.
pub(in super::super) fn warn_once(missing: &[&str]) {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(
            missing = missing.join("; "),
            "kinds run without the whole sandbox; ESTEIRA_SANDBOX=require refuses to start instead"
        );
    });
}
