//! When does a process that serves end? At SIGTERM, at Ctrl-C, and when its terminal goes, in order; a second one of them
//! means at once.

use anyhow::{Context, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What the signals said so far.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// Cancelled by the first: end in order.
    pub in_order: CancellationToken,
    /// Cancelled by the second: no grace for what runs.
    pub at_once: CancellationToken,
}

/// Waits for SIGTERM, SIGINT and SIGHUP.
///
/// From here on none of them kills the process by itself, so nothing that was started is left behind.
pub fn on_signal() -> Result<Stop> {
    let mut signals = Signals {
        terminate: signal(SignalKind::terminate()).context("failed to wait for SIGTERM")?,
        interrupt: signal(SignalKind::interrupt()).context("failed to wait for Ctrl-C")?,
        hang_up: signal(SignalKind::hangup()).context("failed to wait for SIGHUP")?,
    };
    let stop = Stop::default();
    let tokens = stop.clone();
    tokio::spawn(async move {
        let first = signals.next().await;
        tracing::info!(signal = first, "stopping in order");
        tokens.in_order.cancel();
        let second = signals.next().await;
        tracing::info!(signal = second, "stopping at once");
        tokens.at_once.cancel();
    });
    Ok(stop)
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// The name of the next.
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hang_up.recv() => "SIGHUP",
        }
    }
}
