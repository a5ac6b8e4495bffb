//! Which jobs does this worker run, under which name, and which of them must stop?

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::id::{JobId, WorkerId};
use crate::queue::Lease;

/// Why a running job must stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// Its tenant asked for it.
    Cancelled,
    /// The worker shuts down; the job is handed back.
    Shutdown,
    /// The job is not this worker's any more; whatever comes of it is dropped.
    LeaseLost,
}

struct Line {
    lease: i32,
    stop: CancellationToken,
    reason: Option<StopReason>,
}

struct State {
    worker: WorkerId,
    lines: HashMap<JobId, Line>,
}

/// The running jobs of a worker.
pub(crate) struct Roster {
    state: Arc<Mutex<State>>,
    count: watch::Sender<usize>,
}

/// A job's line in the roster, as long as it runs here.
#[derive(Debug)]
pub(crate) struct Entry {
    job: JobId,
    lease: i32,
    /// Cancelled when the job must stop.
    pub stop: CancellationToken,
    state: RosterHandle,
}

#[derive(Clone)]
struct RosterHandle {
    state: Arc<Mutex<State>>,
    count: watch::Sender<usize>,
}

impl std::fmt::Debug for RosterHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RosterHandle")
    }
}

impl Roster {
    pub fn new() -> Self {
        let state = State { worker: WorkerId::new(), lines: HashMap::new() };
        Self { state: Arc::new(Mutex::new(state)), count: watch::Sender::new(0) }
    }

    /// The name of this life of the worker.
    pub fn worker(&self) -> WorkerId {
        self.state.lock().worker
    }

    /// Begins a new life, after the old one was given up: every job of it is lost.
    pub fn begin_anew(&self) -> WorkerId {
        self.stop_all(StopReason::LeaseLost);
        let mut state = self.state.lock();
        state.worker = WorkerId::new();
        state.worker
    }

    /// Adds a job that was just claimed.
    pub fn enter(&self, lease: &Lease) -> Entry {
        let stop = CancellationToken::new();
        let line = Line { lease: lease.lease, stop: stop.clone(), reason: None };
        let mut state = self.state.lock();
        state.lines.insert(lease.job, line);
        self.count.send_replace(state.lines.len());
        let handle = RosterHandle { state: Arc::clone(&self.state), count: self.count.clone() };
        Entry { job: lease.job, lease: lease.lease, stop, state: handle }
    }

    /// Stops one job, if it runs here.
    pub fn stop(&self, job: JobId, reason: StopReason) {
        if let Some(line) = self.state.lock().lines.get_mut(&job) {
            line.stop_for(reason);
        }
    }

    /// Stops every job.
    pub fn stop_all(&self, reason: StopReason) {
        for line in self.state.lock().lines.values_mut() {
            line.stop_for(reason);
        }
    }

    /// Stops the jobs that `still_ours` does not hold with the same lease any more.
    pub fn stop_others(&self, still_ours: impl Fn(JobId, i32) -> bool) {
        for (job, line) in &mut self.state.lock().lines {
            if !still_ours(*job, line.lease) {
                line.stop_for(StopReason::LeaseLost);
            }
        }
    }

    /// Whether a lease runs here.
    pub fn holds(&self, job: JobId, lease: i32) -> bool {
        self.state.lock().lines.get(&job).is_some_and(|line| line.lease == lease)
    }

    /// The leases that run here.
    pub fn leases(&self) -> Vec<(JobId, i32)> {
        self.state.lock().lines.iter().map(|(job, line)| (*job, line.lease)).collect()
    }

    /// How many jobs run here.
    pub fn len(&self) -> usize {
        *self.count.borrow()
    }

    /// Waits until no job runs here.
    pub async fn empty(&self) {
        // The sender lives in `self`, so the wait cannot fail.
        let mut count = self.count.subscribe();
        let _never_closed = count.wait_for(|count| *count == 0).await;
    }

    /// Waits until some job runs here.
    pub async fn busy(&self) {
        let mut count = self.count.subscribe();
        let _never_closed = count.wait_for(|count| *count > 0).await;
    }
}

impl Line {
    /// The first reason stays: a job that was cancelled and then caught by a shutdown is cancelled. Only
    /// a lost lease outdoes the others, since nothing can be settled then.
    fn stop_for(&mut self, reason: StopReason) {
        if self.reason.is_none() || reason == StopReason::LeaseLost {
            self.reason = Some(reason);
        }
        self.stop.cancel();
    }
}

impl Entry {
    /// Why the job must stop, if it must. A line that a later lease of the job has taken says nothing of this one,
    /// but that it is over.
    pub fn reason(&self) -> Option<StopReason> {
        let state = self.state.state.lock();
        let line = state.lines.get(&self.job).filter(|line| line.lease == self.lease);
        line.map_or(Some(StopReason::LeaseLost), |line| line.reason)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut state = self.state.state.lock();
        if state.lines.get(&self.job).is_some_and(|line| line.lease == self.lease) {
            state.lines.remove(&self.job);
        }
        self.state.count.send_replace(state.lines.len());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;

    use super::*;
    use crate::id::TenantId;
    use crate::job::Counters;
    use crate::queue::Wait;

    #[test]
    fn an_attempt_whose_job_was_claimed_again_has_lost_its_lease() {
        let roster = Roster::new();
        let first = Lease {
            job: JobId::new(),
            tenant: TenantId(1),
            kind: "test.noop".to_owned(),
            worker: roster.worker(),
            lease: 1,
            counters: Counters { attempt: 1, max_attempts: 5, crashes: 0 },
            timeout: Duration::from_secs(1),
            ready_at: DateTime::UNIX_EPOCH,
            wait: Wait::default(),
            trace: None,
        };
        let old = roster.enter(&first);
        assert_eq!(old.reason(), None);
        let new = roster.enter(&Lease { lease: 2, ..first });
        assert_eq!(old.reason(), Some(StopReason::LeaseLost));
        assert_eq!(new.reason(), None);
        drop(old);
        assert_eq!(roster.len(), 1, "the end of the old one leaves the new one alone");
    }
}
