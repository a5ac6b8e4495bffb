//! What happened? When each job was asked for, began and ended.

use std::sync::Arc;
use std::time::Duration;

use super::load::Load;

/// All that a run is judged by.
#[derive(Debug)]
pub struct Story {
    pub load: Arc<Load>,
    pub slots: usize,
    /// As many as jobs of the load, in their order.
    pub jobs: Vec<Job>,
}

/// One job, in the time since the beginning.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    pub tenant: usize,
    pub asked: Duration,
    pub began: Option<Duration>,
    pub ended: Option<Duration>,
}

impl Story {
    /// Nothing has begun.
    pub fn of(load: Arc<Load>, slots: usize) -> Self {
        let untouched =
            load.asked.iter().map(|a| Job { tenant: a.tenant, asked: a.at, began: None, ended: None });
        Self { slots, jobs: untouched.collect(), load }
    }

    /// Seconds of processing that each tenant was given between two instants.
    pub fn consumed(&self, from: Duration, to: Duration) -> Vec<f64> {
        let mut seconds = vec![0.0; self.load.members.len()];
        for job in &self.jobs {
            let Some(began) = job.began else { continue };
            let ended = job.ended.unwrap_or(to);
            if let Some(of_tenant) = seconds.get_mut(job.tenant) {
                *of_tenant += ended.min(to).saturating_sub(began.max(from)).as_secs_f64();
            }
        }
        seconds
    }
}
