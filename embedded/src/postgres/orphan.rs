//! What did an earlier life leave on this cluster? A server still running, or only its pid file.
//!
//! When Esteira is killed by `kill -9`, its Postgres lives on. The caller holds the lock of the data
//! directory, so whatever server is found here belongs to nobody any more.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::error::PostgresError;

/// How long each signal may take to have its effect, and how often we look.
const PATIENCE: [(Signal, Duration); 3] = [
    (Signal::INT, Duration::from_secs(20)),
    (Signal::QUIT, Duration::from_secs(5)),
    (Signal::KILL, Duration::from_secs(5)),
];
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Stops a server left on `cluster` and removes its pid file.
pub async fn clear(cluster: &Path) -> Result<(), PostgresError> {
    let pid_file = cluster.join("postmaster.pid");
    let text = match fs::read_to_string(&pid_file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(PostgresError::io("read", pid_file)(error)),
    };
    let pid = text.lines().next().and_then(|line| line.trim().parse::<i32>().ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid
        && serves(pid, cluster)
    {
        tracing::warn!(
            pid = pid.as_raw_nonzero().get(),
            "stopping a Postgres that an earlier run left behind"
        );
        stop(pid, cluster).await?;
    }
    // The file of a dead server only irritates: its number may be somebody else's by now.
    match fs::remove_file(&pid_file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(PostgresError::io("remove", pid_file)(error))
        }
        _ => Ok(()),
    }
}

/// Whether process `pid` is a Postgres server that works in `cluster`, its current directory.
fn serves(pid: Pid, cluster: &Path) -> bool {
    let process = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    let is_postgres = fs::read_to_string(process.join("comm")).is_ok_and(|comm| comm.trim() == "postgres");
    let here = fs::metadata(process.join("cwd")).map(|meta| (meta.dev(), meta.ino()));
    let there = fs::metadata(cluster).map(|meta| (meta.dev(), meta.ino()));
    is_postgres && matches!((here, there), (Ok(here), Ok(there)) if here == there)
}

async fn stop(pid: Pid, cluster: &Path) -> Result<(), PostgresError> {
    for (signal, patience) in PATIENCE {
        // An error means that it went away just now, which the loop sees.
        let _ = kill_process(pid, signal);
        let asked = Instant::now();
        while asked.elapsed() < patience {
            if !serves(pid, cluster) {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    Err(PostgresError::OrphanStays { pid: pid.as_raw_nonzero().get() })
}
