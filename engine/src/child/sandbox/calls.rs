//! Which system calls may the child make? A list of those that stay inside the process.
//!
//! Three filters lie over each other, and the strictest answer wins:
//! - a call on no list at all is answered as an older kernel would, "no such call", for which every C
//!   library has a fallback. That makes an allow list bearable around code that we did not write: a
//!   new call of a newer glibc costs a fallback, not a job;
//! - a call that honest libraries try and can do without is refused with "not permitted";
//! - a call that only an intruder makes ends the process, and the job says `sandbox_violation`.

use std::collections::BTreeMap;

use rustix::process::getpid;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

use super::{SandboxError, call_lists};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Installs the three filters for every thread there is and will be.
pub(super) fn filter() -> Result<(), SandboxError> {
    let no_such_call = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let not_permitted = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    // Among equal answers the filter installed last is heard, and the refusals deny installing more.
    install(whole(call_lists::ALLOWED), no_such_call, SeccompAction::Allow)?;
    install(whole(call_lists::FATAL), SeccompAction::Allow, SeccompAction::KillProcess)?;
    install(refused()?, SeccompAction::Allow, not_permitted)
}

fn install(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> Result<(), SandboxError> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(seccomp)?;
    let filter = SeccompFilter::new(rules, otherwise, matched, architecture).map_err(seccomp)?;
    let program = BpfProgram::try_from(filter).map_err(seccomp)?;
    seccompiler::apply_filter_all_threads(&program).map_err(seccomp)
}

fn whole(calls: &[i64]) -> Rules {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

/// The refused calls, and the refused uses of calls that are allowed otherwise.
fn refused() -> Result<Rules, SandboxError> {
    let mut rules = whole(call_lists::REFUSED);
    let me = u64::from(getpid().as_raw_nonzero().get().unsigned_abs());

    // A new thread is a clone with CLONE_THREAD; without it, it is a new process.
    let thread = u64::from(libc::CLONE_THREAD.unsigned_abs());
    rules.insert(libc::SYS_clone, vec![rule([(0, SeccompCmpOp::MaskedEq(thread), 0)])?]);

    // `abort` signals its own thread; every other process is out of reach.
    for call in [libc::SYS_kill, libc::SYS_tgkill] {
        rules.insert(call, vec![rule([(0, SeccompCmpOp::Ne, me)])?]);
    }

    // Limits of oneself may be read and lowered, those of another process may not.
    rules.insert(libc::SYS_prlimit64, vec![rule([(0, SeccompCmpOp::Ne, 0), (0, SeccompCmpOp::Ne, me)])?]);

    // A descriptor can be told to send any signal to any process of the same user.
    rules.insert(
        libc::SYS_fcntl,
        call_lists::REFUSED_FCNTL
            .iter()
            .map(|command| rule([(1, SeccompCmpOp::Eq, *command)]))
            .collect::<Result<_, _>>()?,
    );
    rules.insert(libc::SYS_ioctl, vec![rule(unlike(1, call_lists::ALLOWED_IOCTL))?]);
    rules.insert(libc::SYS_prctl, vec![rule(unlike(0, call_lists::ALLOWED_PRCTL))?]);
    Ok(rules)
}

/// Conditions that hold together when the argument is none of `values`.
fn unlike(argument: u8, values: &[u64]) -> impl Iterator<Item = (u8, SeccompCmpOp, u64)> {
    values.iter().map(move |value| (argument, SeccompCmpOp::Ne, *value))
}

fn rule(conditions: impl IntoIterator<Item = (u8, SeccompCmpOp, u64)>) -> Result<SeccompRule, SandboxError> {
    let conditions = conditions
        .into_iter()
        .map(|(argument, operator, value)| {
            SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(seccomp)?;
    SeccompRule::new(conditions).map_err(seccomp)
}

fn seccomp(error: impl std::fmt::Display) -> SandboxError {
    SandboxError::new("seccomp", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_is_both_allowed_whole_and_fatal() {
        for call in call_lists::FATAL {
            assert!(!call_lists::ALLOWED.contains(call), "call {call}");
        }
    }

    #[test]
    fn every_filter_compiles_for_this_machine() {
        let allow = SeccompAction::Allow;
        let architecture = TargetArch::try_from(std::env::consts::ARCH).expect("a known architecture");
        for rules in [whole(call_lists::ALLOWED), whole(call_lists::FATAL), refused().expect("valid rules")] {
            let filter = SeccompFilter::new(rules, allow.clone(), SeccompAction::Trap, architecture);
            assert!(BpfProgram::try_from(filter.expect("a filter")).is_ok());
        }
    }
}
