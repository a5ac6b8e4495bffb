//! How fair can a line be at best? One that knows what each job will take before it starts.
//!
//! Jobs cannot be interrupted, so even this line is only as fair as its jobs are small: it is the limit that the
//! queue, which has to guess, is held against.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;

use super::line::Line;
use super::load::Load;

/// Start-time fair queueing over the true costs.
pub struct Known {
    load: Arc<Load>,
    lanes: Vec<Lane>,
}

#[derive(Debug, Clone, Default)]
struct Lane {
    waiting: VecDeque<usize>,
    running: usize,
    /// Seconds by weight.
    served: f64,
}

impl Known {
    pub fn new(load: Arc<Load>) -> Self {
        let lanes = vec![Lane::default(); load.members.len()];
        Self { load, lanes }
    }

    fn lane(&mut self, job: usize) -> Result<&mut Lane> {
        let asked = self.load.asked.get(job).context("a job is of the load")?;
        self.lanes.get_mut(asked.tenant).context("a job is some tenant's")
    }

    /// Of the lanes that may run one more, the one that was served least.
    fn least(&self) -> Option<usize> {
        let may = |(tenant, lane): &(usize, &Lane)| {
            let cap = self.load.members.get(*tenant).and_then(|member| member.max_running);
            !lane.waiting.is_empty() && cap.is_none_or(|cap| lane.running < cap)
        };
        let lanes = self.lanes.iter().enumerate().filter(may);
        lanes.min_by(|(_, one), (_, other)| one.served.total_cmp(&other.served)).map(|(tenant, _)| tenant)
    }
}

#[async_trait]
impl Line for Known {
    async fn join(&mut self, _: Duration, jobs: &[usize]) -> Result<()> {
        // A lane that wakes is as far as those that are served, without credit for its sleep.
        let present = self.least().and_then(|tenant| self.lanes.get(tenant)).map_or(0.0, |lane| lane.served);
        for job in jobs {
            let lane = self.lane(*job)?;
            if lane.waiting.is_empty() {
                lane.served = lane.served.max(present);
            }
            lane.waiting.push_back(*job);
        }
        Ok(())
    }

    async fn next(&mut self, _: Duration, _: usize, slots: usize) -> Result<Vec<usize>> {
        let mut next = Vec::with_capacity(slots);
        while next.len() < slots
            && let Some(tenant) = self.least()
        {
            let load = Arc::clone(&self.load);
            let lane = self.lanes.get_mut(tenant).context("the least lane is there")?;
            let job = lane.waiting.pop_front().context("the least lane has work")?;
            let takes = load.asked.get(job).context("a job is of the load")?.takes;
            let weight = load.members.get(tenant).context("a lane is some tenant's")?.weight;
            lane.served += takes.as_secs_f64() / weight;
            lane.running += 1;
            next.push(job);
        }
        Ok(next)
    }

    async fn end(&mut self, _: Duration, _: usize, job: usize) -> Result<()> {
        self.lane(job)?.running -= 1;
        Ok(())
    }
}
