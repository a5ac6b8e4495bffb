//! What was the most at once? Connections and memory of the server's sessions, looked at now and then.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow};

use super::backends::backends;

/// Looking at a session's memory takes the kernel a moment, in which the session waits.
const EVERY: Duration = Duration::from_millis(250);

/// The look-out, until it is asked.
pub struct LookOut {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<Result<Peak>>,
}

/// The most that was seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Peak {
    pub connections: usize,
    /// Of one session.
    pub session_kib: u64,
}

impl LookOut {
    /// Begins to look.
    pub fn start(postmaster: u32) -> Self {
        let (stop, asked) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut peak = Peak::default();
            loop {
                let seen = backends(postmaster)?;
                peak.connections = peak.connections.max(seen.len());
                let largest = seen.iter().map(|backend| backend.own_kib).max().unwrap_or(0);
                peak.session_kib = peak.session_kib.max(largest);
                match asked.recv_timeout(EVERY) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(peak),
                }
            }
        });
        Self { stop, thread }
    }

    /// What was seen.
    pub fn end(self) -> Result<Peak> {
        drop(self.stop);
        self.thread.join().map_err(|_| anyhow!("the look-out broke"))?
    }
}
