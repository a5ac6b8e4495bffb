//! What was used? CPU time of this process and of the Postgres server, from /proc.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Clock ticks a second in /proc, fixed at 100 on Linux (see `sysconf(_SC_CLK_TCK)`).
const TICKS: f64 = 100.0;

/// CPU seconds so far, and the time.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    client: f64,
    postgres: f64,
    at: Instant,
}

/// What happened between two readings.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    pub client: f64,
    pub postgres: f64,
    pub wall: Duration,
}

impl Reading {
    /// Reads the counters of this process and of the server's.
    pub fn take(postmaster: u32) -> Result<Self> {
        let (client, postgres) = (cpu_seconds(std::process::id())?, cpu_seconds_of_family(postmaster)?);
        Ok(Self { client, postgres, at: Instant::now() })
    }

    /// What was used since.
    pub fn until(&self, later: &Self) -> Used {
        Used {
            client: later.client - self.client,
            postgres: later.postgres - self.postgres,
            wall: later.at - self.at,
        }
    }
}

/// CPU seconds of a process so far.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    Ok(of_process(pid, false)?.0)
}

/// CPU seconds so far of a process and of its children, those that it has collected and those that live. Of a Postgres
/// server that is all: its backends', and those of backends that have ended.
pub fn cpu_seconds_of_family(head: u32) -> Result<f64> {
    let mut family = of_process(head, true)?.0;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process may end between the listing and the look.
        if let Ok((seconds, parent)) = of_process(pid, false)
            && parent == head
        {
            family += seconds;
        }
    }
    Ok(family)
}

/// CPU seconds of a process, with those of its collected children if wanted, and its parent.
fn of_process(pid: u32, with_children: bool) -> Result<(f64, u32)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in parentheses may contain anything; what follows the last one is numbers.
    let (_, fields) = text.rsplit_once(") ").context("a stat line has a name")?;
    let field = |at: usize| -> Result<f64> {
        fields.split(' ').nth(at).and_then(|text| text.parse().ok()).context("a stat line has its fields")
    };
    let mut ticks = field(11)? + field(12)?;
    if with_children {
        ticks += field(13)? + field(14)?;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a process number")]
    let parent = field(1)? as u32;
    Ok((ticks / TICKS, parent))
}
