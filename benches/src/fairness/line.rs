//! Who is next? The question that the lines under comparison answer differently.

use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;

/// Jobs that wait, by their places in the load. `now` is the time since the beginning.
#[async_trait]
pub trait Line: Send {
    /// Jobs join the line.
    async fn join(&mut self, now: Duration, jobs: &[usize]) -> Result<()>;

    /// The next ones, for so many free slots of a worker.
    async fn next(&mut self, now: Duration, worker: usize, slots: usize) -> Result<Vec<usize>>;

    /// A job of a worker has ended.
    async fn end(&mut self, now: Duration, worker: usize, job: usize) -> Result<()>;
}
