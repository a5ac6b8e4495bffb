//! How much memory has a session of the server? As Postgres counts it and as the kernel does.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::queue::backends::backends;
use crate::queue::psql::Superuser;

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
        let sessions = backends(postmaster)?;
        let largest = sessions.iter().max_by_key(|session| session.own_kib).context("there is a session")?;
        let before = fs::read_to_string(&self.server_log)?.len();
        let asked = format!("select pg_log_backend_memory_contexts({})", largest.pid);
        ensure!(superuser.value(&asked).await? == "t", "the session is gone");
        let contexts = self.told_after(before).await?;
        let bytes = |context: &str| of_context(&contexts, context);
        Ok(json!({
            "sessions": sessions.len(), "pss_mib": largest.pss_kib / 1024, "own_mib": largest.own_kib / 1024,
            "contexts_mib": bytes("Grand total:").context("a sum")? >> 20,
            "cache_mib": bytes("CacheMemoryContext:").map(|bytes| bytes >> 20),
        }))
    }

    /// What the session has told, as soon as it has; it does so at its next look for signals.
    async fn told_after(&self, before: usize) -> Result<String> {
        for _ in 0..100 {
            let log = fs::read_to_string(&self.server_log)?;
            let new = log.get(before..).unwrap_or_default();
            if new.contains("Grand total:") {
                return Ok(new.to_owned());
            }
            sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("the session tells nothing of its memory")
    }
}

/// The bytes in `level: 1; NAME: 1234 total in …`, or in `Grand total: 1234 bytes in …`.
fn of_context(log: &str, name: &str) -> Option<u64> {
    let line = log.lines().find_map(|line| line.split_once(name))?.1;
    line.split_whitespace().next()?.parse().ok()
}
