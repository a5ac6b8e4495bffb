//! What do the server's processes use? CPU time to the nanosecond and memory, from /proc.

use std::collections::HashMap;
use std::fs;

use anyhow::{Context, Result};

/// A session of a client.
#[derive(Debug, Clone, Copy)]
pub struct Backend {
    pub pid: u32,
    /// Its share of the memory that it uses, in KiB: what it shares with others counts in parts.
    pub pss_kib: u64,
    /// What is its own, in KiB: without the server's shared buffers, which it has only looked at.
    pub own_kib: u64,
}

/// CPU nanoseconds so far of processes of the server, by their numbers.
#[derive(Debug, Default)]
pub struct Cpu(HashMap<u32, u64>);

impl Cpu {
    /// Of every process that the postmaster has at the moment.
    pub fn of_server(postmaster: u32) -> Result<Self> {
        Self::of(children(postmaster)?)
    }

    /// Of the sessions of clients alone, without what the server does in the background.
    pub fn of_sessions(postmaster: u32) -> Result<Self> {
        Self::of(children(postmaster)?.into_iter().filter(|pid| is_session(*pid)))
    }

    fn of(processes: impl IntoIterator<Item = u32>) -> Result<Self> {
        let mut nanos = HashMap::new();
        for pid in processes {
            // A process may end between the listing and the look.
            let Ok(text) = fs::read_to_string(format!("/proc/{pid}/schedstat")) else { continue };
            let first = text.split(' ').next().and_then(|field| field.parse().ok());
            nanos.insert(pid, first.context("a time on the CPU")?);
        }
        Ok(Self(nanos))
    }

    /// What was used since, by those that are still there.
    pub fn since(&self, before: &Self) -> u64 {
        let then = |pid| before.0.get(pid).copied().unwrap_or(0);
        self.0.iter().map(|(pid, now)| now.saturating_sub(then(pid))).sum()
    }
}

/// The sessions of clients over TCP, with their memory.
pub fn backends(postmaster: u32) -> Result<Vec<Backend>> {
    let mut backends = Vec::new();
    for pid in children(postmaster)? {
        if !is_session(pid) {
            continue;
        }
        let Ok(rollup) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { continue };
        let (pss_kib, own_kib) = (kib(&rollup, "Pss:")?, kib(&rollup, "Pss_Anon:")?);
        backends.push(Backend { pid, pss_kib, own_kib });
    }
    Ok(backends)
}

/// The most memory that this process has had at once, in KiB.
pub fn own_peak_kib() -> Result<u64> {
    kib(&fs::read_to_string("/proc/self/status")?, "VmHWM:")
}

/// `postgres: role database 127.0.0.1(40000) idle`; the server's own helpers have no address.
fn is_session(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|title| title.contains("127.0.0.1("))
}

fn children(postmaster: u32) -> Result<Vec<u32>> {
    let text = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"))?;
    Ok(text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect())
}

/// The value of a line like `Pss:   1234 kB`.
fn kib(text: &str, name: &str) -> Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let value = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    value.with_context(|| format!("the kernel tells no {name}"))
}
