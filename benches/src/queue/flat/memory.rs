//! How much memory has a session of the server? As Postgres counts it and as the kernel does.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::queue::backends::{Backend, backends};
use crate::queue::psql::Superuser;

/// How often is asked, and looked for an answer.
const TRIES: usize = 40;

/// Where the server writes what a session tells of its memory.
#[derive(Debug, Args)]
pub struct ServerLog {
    /// The server's log
    #[arg(long)]
    server_log: PathBuf,
}

impl ServerLog {
    /// The session with the most memory of its own.
    pub async fn largest_session(&self, superuser: &Superuser, postmaster: u32) -> Result<Value> {
        let before = fs::read_to_string(&self.server_log)?.len();
        // A session that was just closed may still be there when it is listed, and gone when it is asked.
        for _ in 0..TRIES {
            let sessions = backends(postmaster)?;
            let largest =
                sessions.iter().max_by_key(|session| session.own_kib).context("there is a session")?;
            let asked = format!("select pg_log_backend_memory_contexts({})", largest.pid);
            if superuser.value(&asked).await? == "t"
                && let Some(contexts) = self.told_after(before).await?
            {
                return told(&sessions, largest, &contexts);
            }
        }
        bail!("no session tells of its memory")
    }

    /// What the session has told, as soon as it has; it does so at its next look for signals. `None`: it is gone.
    async fn told_after(&self, before: usize) -> Result<Option<String>> {
        for _ in 0..TRIES {
            let log = fs::read_to_string(&self.server_log)?;
            let new = log.get(before..).unwrap_or_default();
            if new.contains("Grand total:") {
                return Ok(Some(new.to_owned()));
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(None)
    }
}

fn told(sessions: &[Backend], largest: &Backend, contexts: &str) -> Result<Value> {
    Ok(json!({
        "sessions": sessions.len(), "pss_mib": largest.pss_kib / 1024, "own_mib": largest.own_kib / 1024,
        "contexts_mib": of_context(contexts, "Grand total:").context("a sum")? >> 20,
        "cache_mib": of_context(contexts, "CacheMemoryContext:").map(|bytes| bytes >> 20),
    }))
}

/// The bytes in `level: 1; NAME: 1234 total in …`, or in `Grand total: 1234 bytes in …`.
fn of_context(log: &str, name: &str) -> Option<u64> {
    let line = log.lines().find_map(|line| line.split_once(name))?.1;
    line.split_whitespace().next()?.parse().ok()
}
