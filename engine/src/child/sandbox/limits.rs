//! How much of the machine may the child use? The kernel's resource limits.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::SandboxError;
use crate::job::Resources;

/// Seconds between SIGXCPU, which names the limit, and the KILL for a child that ignores it.
const CPU_GRACE: u64 = 5;

/// Threads beyond those of the whole machine that an unprivileged child may be counted with.
const SHARED_USER_SLACK: u64 = 1024;

/// Sets every limit, hard and soft. `own_user` says that the child will be a user of its own.
pub(super) fn set(resources: &Resources, own_user: bool) -> Result<(), SandboxError> {
    let threads = if own_user { resources.threads } else { shared_user_threads(resources.threads) };
    let wanted = [
        (Resource::As, resources.memory_bytes, resources.memory_bytes),
        (Resource::Cpu, resources.cpu_seconds, resources.cpu_seconds.saturating_add(CPU_GRACE)),
        (Resource::Fsize, resources.file_bytes, resources.file_bytes),
        (Resource::Nofile, resources.open_files, resources.open_files),
        (Resource::Nproc, threads, threads),
        (Resource::Core, 0, 0),
        // Both would outlive the child or escape `memory_bytes`.
        (Resource::Msgqueue, 0, 0),
        (Resource::Memlock, 0, 0),
    ];
    for (resource, soft, hard) in wanted {
        // An unprivileged process cannot raise what it inherited; the lower limit is the stricter one.
        let hard = getrlimit(resource).maximum.map_or(hard, |inherited| inherited.min(hard));
        let limit = Rlimit { current: Some(soft.min(hard)), maximum: Some(hard) };
        setrlimit(resource, limit).map_err(|error| SandboxError::new("resource limits", error))?;
    }
    Ok(())
}

/// The kernel counts the threads of a user, over all its processes, against `RLIMIT_NPROC`.
///
/// A child that shares the worker's user is therefore counted together with it and with its siblings.
/// The number of threads on the whole machine is above that count, whatever it is, so the limit is
/// loose, never wrong: it stops a bomb of threads and no honest kind.
fn shared_user_threads(threads: u64) -> u64 {
    let machine = std::fs::read_to_string("/proc/loadavg").ok().and_then(|text| entities(&text)).unwrap_or(0);
    machine.saturating_add(threads).saturating_add(SHARED_USER_SLACK)
}

/// The `1234` in `0.00 0.01 0.05 2/1234 5678`.
fn entities(loadavg: &str) -> Option<u64> {
    loadavg.split_ascii_whitespace().nth(3)?.split_once('/')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::entities;

    #[test]
    fn the_threads_of_the_machine_are_read_from_loadavg() {
        assert_eq!(entities("0.20 0.18 0.12 1/80 11206\n"), Some(80));
        assert_eq!(entities("garbage"), None);
    }
}
