//! What do the server's processes use? CPU time to the nanosecond and memory, from /proc.

use std::fs;

use anyhow::{Context, Result};

/// A session of a client.
#[derive(Debug, Clone, Copy)]
pub struct Backend {
    pub pid: u32,
    /// Its share of the memory that it uses, in KiB: what it shares with others counts in parts.
    pub pss_kib: u64,
    /// What is its own alone, in KiB.
    pub private_kib: u64,
}

/// CPU nanoseconds so far of every process that the postmaster has at the moment.
pub fn cpu_nanos(postmaster: u32) -> Result<u64> {
    let mut nanos = 0;
    for pid in children(postmaster)? {
        // A process may end between the listing and the look.
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/schedstat")) else { continue };
        nanos += text
            .split(' ')
            .next()
            .and_then(|field| field.parse::<u64>().ok())
            .context("a time on the CPU")?;
    }
    Ok(nanos)
}

/// The sessions of clients over TCP, with their memory.
pub fn backends(postmaster: u32) -> Result<Vec<Backend>> {
    let mut backends = Vec::new();
    for pid in children(postmaster)? {
        let Ok(title) = fs::read_to_string(format!("/proc/{pid}/cmdline")) else { continue };
        // `postgres: role database 127.0.0.1(40000) idle`; the server's own helpers have no address.
        if !title.contains("127.0.0.1(") {
            continue;
        }
        let Ok(rollup) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { continue };
        let private = kib(&rollup, "Private_Clean:") + kib(&rollup, "Private_Dirty:");
        backends.push(Backend { pid, pss_kib: kib(&rollup, "Pss:"), private_kib: private });
    }
    Ok(backends)
}

/// The most memory that this process has had at once, in KiB.
pub fn own_peak_kib() -> Result<u64> {
    Ok(kib(&fs::read_to_string("/proc/self/status")?, "VmHWM:"))
}

fn children(postmaster: u32) -> Result<Vec<u32>> {
    let text = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"))?;
    Ok(text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect())
}

/// The value of a line like `Pss:   1234 kB`; 0 where there is no such line.
fn kib(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
