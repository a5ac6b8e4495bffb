//! Who is the child? A user of its own where the worker is root, without any capability in any case.

use rustix::process::{
    DumpableBehavior, Signal, getppid, set_dumpable_behavior, set_parent_process_death_signal,
};
use rustix::thread::{CapabilitySet, CapabilitySets, clear_ambient_capability_set, set_capabilities};

use super::super::sys;
use super::SandboxError;

const WHAT: &str = "user";

/// Becomes `user` if one is given, drops every capability, and cannot be looked into by its siblings.
pub(super) fn take_on(user: Option<u32>) -> Result<(), SandboxError> {
    let parent = getppid();
    if let Some(user) = user {
        sys::become_user(user).map_err(|error| SandboxError::new(WHAT, error))?;
    }
    let none = CapabilitySet::empty();
    // Clearing what an unprivileged process does not hold succeeds too.
    clear_ambient_capability_set().map_err(|error| SandboxError::new(WHAT, error))?;
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
        .map_err(|error| SandboxError::new(WHAT, error))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|error| SandboxError::new(WHAT, error))?;

    // A change of user clears the parent-death signal that was set before exec. If the worker died
    // in between, its place as our parent has been taken.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| SandboxError::new(WHAT, error))?;
    if getppid() != parent {
        return Err(SandboxError::new(WHAT, "the worker is gone"));
    }
    Ok(())
}
