//! How much of a job's checkpoints is kept, and how soon?

use std::time::Duration;

/// The operator's settings of checkpoints.
#[derive(Debug, Clone, Copy)]
pub struct CheckpointOptions {
    /// Bytes of one job's checkpoints, each key's newest counted; with 0 none is kept.
    pub bytes: u64,
    /// How many keys one job may have.
    pub count: usize,
    /// How long a checkpoint may wait for others before it is brought to the store.
    pub delay: Duration,
}

impl Default for CheckpointOptions {
    fn default() -> Self {
        Self { bytes: 256 << 20, count: 10_000, delay: Duration::from_secs(2) }
    }
}
