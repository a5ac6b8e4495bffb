//! What can this kernel wall off? Asked by `esteira doctor` and once by every worker.

use std::sync::Once;

use rustix::process::geteuid;
use rustix::thread::{CapabilitySet, capabilities};

use super::super::sys;

/// To hand over a directory, become a user, signal it, and read and remove its files.
const FOR_OTHER_USERS: CapabilitySet = CapabilitySet::SETUID
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::CHOWN)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER);

/// Which parts of the sandbox this machine can build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxSupport {
    /// The version of Landlock's interface; `None` without Landlock.
    pub landlock_abi: Option<i32>,
    /// Whether system calls can be filtered.
    pub seccomp: bool,
    /// Whether the worker is root.
    pub root: bool,
    /// Whether the worker can run children as other users, signal them, and remove what they leave.
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
        if self.root && !self.other_users {
            missing.push("the capabilities of root that giving children users of their own takes");
        }
        missing
    }
}

/// Asks the kernel what it offers. Changes nothing.
#[must_use]
pub fn probe() -> SandboxSupport {
    let root = geteuid().is_root();
    SandboxSupport {
        landlock_abi: sys::landlock_abi(),
        seccomp: sys::has_seccomp(),
        root,
        other_users: root && capabilities(None).is_ok_and(|held| held.effective.contains(FOR_OTHER_USERS)),
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

#[cfg(test)]
mod tests {
    use super::SandboxSupport;

    #[test]
    fn a_machine_with_everything_lacks_nothing_root_or_not() {
        let user = SandboxSupport { landlock_abi: Some(1), seccomp: true, root: false, other_users: false };
        let root = SandboxSupport { root: true, other_users: true, ..user };
        assert!(user.missing().is_empty() && root.missing().is_empty());
    }

    #[test]
    fn each_lack_is_named() {
        let bare = SandboxSupport { landlock_abi: None, seccomp: false, root: true, other_users: false };
        assert_eq!(bare.missing().len(), 3);
    }
}
