//! What would a plain line do? Whoever came first is next, whosever it is.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;

use super::line::Line;

/// First in, first out.
#[derive(Debug, Default)]
pub struct Fifo(VecDeque<usize>);

#[async_trait]
impl Line for Fifo {
    async fn join(&mut self, _: Duration, jobs: &[usize]) -> Result<()> {
        self.0.extend(jobs);
        Ok(())
    }

    async fn next(&mut self, _: Duration, _: usize, slots: usize) -> Result<Vec<usize>> {
        Ok(self.0.drain(..slots.min(self.0.len())).collect())
    }

    async fn end(&mut self, _: Duration, _: usize, _: usize) -> Result<()> {
        Ok(())
    }
}
