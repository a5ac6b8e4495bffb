//! What should the queue hold and answer? The whole of it in plain Rust, without a database.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use esteira_engine::job::{AttemptEnd, Counters, Decision, JobState, RetryPolicy, decide};
use esteira_engine::queue::Settled;

/// How long a worker is believed to live without a heartbeat.
pub const LEASE: TimeDelta = TimeDelta::seconds(15);

#[derive(Debug)]
pub struct Reference {
    pub now: DateTime<Utc>,
    pub tenants: Vec<Rules>,
    pub jobs: Vec<Job>,
    pub workers: Vec<Worker>,
    /// Places in the line that were given.
    places: u64,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    pub max_running: Option<usize>,
    pub max_queued: Option<usize>,
}

#[derive(Debug, Clone)]
pub struct Job {
    pub tenant: usize,
    pub kind: usize,
    pub priority: i16,
    /// Its place in the line: first in, first out.
    pub place: u64,
    pub state: JobState,
    pub ready_at: DateTime<Utc>,
    pub attempt: i16,
    pub max_attempts: i16,
    pub crashes: i16,
    pub lease: i32,
    pub worker: Option<usize>,
    pub cancel_requested: bool,
    /// Jobs that have to succeed before it is ready.
    pub needs: BTreeSet<usize>,
    /// All that it was said to need.
    pub named: BTreeSet<usize>,
    pub key: Option<u8>,
    /// How each of its leases ended.
    pub endings: BTreeMap<i32, &'static str>,
}

#[derive(Debug)]
pub struct Worker {
    pub lease_until: DateTime<Utc>,
    /// It beats no more.
    pub silent: bool,
    /// Its row is gone: it left, or was given up.
    pub gone: bool,
}

/// A lease, by the numbers that jobs and workers have here.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    pub job: usize,
    pub worker: usize,
    pub lease: i32,
    pub counters: Counters,
}

/// What becomes of a submission.
#[derive(Debug, PartialEq, Eq)]
pub enum Submit {
    New,
    Existing(usize),
    LineFull,
    NeedUnknown,
}

/// What becomes of a retry by hand.
#[derive(Debug, PartialEq, Eq)]
pub enum Retry {
    Queued,
    NotOver(JobState),
    LineFull,
    NeedFailed,
    KeyInUse,
}

impl Reference {
    pub fn new(now: DateTime<Utc>, tenants: Vec<Rules>) -> Self {
        Self { now, tenants, jobs: Vec::new(), workers: Vec::new(), places: 0 }
    }

    /// What becomes of a new job.
    pub fn submit(&mut self, mut job: Job) -> Submit {
        job.named = job.needs.clone();
        if let Some(first) = self.live_with_key(&job) {
            return Submit::Existing(first);
        }
        if job.needs.iter().any(|need| self.jobs[*need].tenant != job.tenant) {
            return Submit::NeedUnknown;
        }
        let ended_badly =
            |need: &usize| matches!(self.jobs[*need].state, JobState::Failed | JobState::Cancelled);
        if job.needs.iter().any(ended_badly) {
            job.needs.clear();
            job.state = JobState::Cancelled;
            self.jobs.push(job);
            return Submit::New;
        }
        if self.line_is_full(job.tenant) {
            return Submit::LineFull;
        }
        job.needs.retain(|need| !self.jobs[*need].state.is_final());
        self.jobs.push(job);
        self.enqueue(self.jobs.len() - 1);
        Submit::New
    }

    fn live_with_key(&self, new: &Job) -> Option<usize> {
        new.key?;
        self.jobs
            .iter()
            .position(|job| !job.state.is_final() && (job.tenant, job.key) == (new.tenant, new.key))
    }

    fn line_is_full(&self, tenant: usize) -> bool {
        let waits = |job: &&Job| {
            matches!(job.state, JobState::Blocked | JobState::Scheduled | JobState::Queued)
                && job.tenant == tenant
        };
        let waiting = self.jobs.iter().filter(waits).count();
        self.tenants[tenant].max_queued.is_some_and(|limit| waiting >= limit)
    }

    fn enqueue(&mut self, job: usize) {
        self.places += 1;
        let job = &mut self.jobs[job];
        job.place = self.places;
        job.state = if job.needs.is_empty() { waiting(job.ready_at, self.now) } else { JobState::Blocked };
    }

    /// Whether a claim may have given these leases; notes them if so. Whose turn it is among the tenants is
    /// the queue's own choice; everything else is not.
    pub fn claim(&mut self, worker: usize, kind: usize, limit: usize, given: &[Held]) -> Result<(), String> {
        ensure(given.len() <= limit, || format!("{} were given", given.len()))?;
        ensure(given.is_empty() || !self.workers[worker].gone, || "the worker was given up".into())?;
        for tenant in 0..self.tenants.len() {
            let taken: BTreeSet<usize> =
                given.iter().map(|held| held.job).filter(|job| self.jobs[*job].tenant == tenant).collect();
            let line = self.line(tenant, kind);
            let first: BTreeSet<usize> = line.iter().copied().take(taken.len()).collect();
            ensure(taken == first, || format!("{taken:?} were taken where {first:?} were first"))?;
        }
        for held in given {
            let job = &mut self.jobs[held.job];
            job.state = JobState::Running;
            job.worker = Some(worker);
            job.lease += 1;
            job.attempt += 1;
            job.cancel_requested = false;
            let Counters { attempt, max_attempts, crashes } = held.counters;
            ensure(
                (held.lease, attempt, max_attempts, crashes)
                    == (job.lease, job.attempt, job.max_attempts, job.crashes),
                || format!("the lease {held:?} is not that of {job:?}"),
            )?;
            ensure(attempt <= max_attempts, || format!("attempt {attempt} of {max_attempts}"))?;
        }
        for (tenant, rules) in self.tenants.iter().enumerate() {
            let running = self.running(tenant);
            let full = rules.max_running.is_some_and(|limit| running >= limit);
            ensure(rules.max_running.is_none_or(|limit| running <= limit), || format!("{running} run"))?;
            let idle = given.len() < limit && !full && !self.workers[worker].gone;
            ensure(!idle || self.line(tenant, kind).is_empty(), || "a slot was left idle".into())?;
        }
        Ok(())
    }

    /// A tenant's queued jobs of a kind, the next one first.
    fn line(&self, tenant: usize, kind: usize) -> Vec<usize> {
        let waits = |job: &Job| job.state == JobState::Queued && (job.tenant, job.kind) == (tenant, kind);
        let mut line: Vec<usize> = (0..self.jobs.len()).filter(|n| waits(&self.jobs[*n])).collect();
        line.sort_by_key(|n| (-self.jobs[*n].priority, self.jobs[*n].place));
        line
    }

    fn running(&self, tenant: usize) -> usize {
        self.jobs.iter().filter(|job| job.state == JobState::Running && job.tenant == tenant).count()
    }

    /// The answer to a settle.
    pub fn settle(&mut self, held: Held, decision: Decision, ended_as: &'static str) -> Settled {
        let settled = self.settle_alone(held, decision, ended_as);
        match settled {
            Settled::As(Decision::Succeed) => self.free_dependents(held.job),
            Settled::As(Decision::Fail | Decision::Cancel) => {
                self.end_dependents(held.job);
            }
            Settled::As(_) | Settled::LeaseLost => {}
        }
        settled
    }

    fn free_dependents(&mut self, of: usize) {
        let now = self.now;
        for job in &mut self.jobs {
            if job.needs.remove(&of) && job.needs.is_empty() {
                job.state = waiting(job.ready_at, now);
                job.ready_at = job.ready_at.max(now);
            }
        }
    }

    /// Those that needed a job which did not succeed, and those that needed them.
    fn end_dependents(&mut self, of: usize) -> BTreeSet<usize> {
        let mut ended = BTreeSet::new();
        for number in 0..self.jobs.len() {
            let job = &mut self.jobs[number];
            if job.needs.contains(&of) {
                job.needs.clear();
                job.state = JobState::Cancelled;
                ended.insert(number);
                ended.append(&mut self.end_dependents(number));
            }
        }
        ended
    }

    fn settle_alone(&mut self, held: Held, decision: Decision, ended_as: &'static str) -> Settled {
        let now = self.now;
        let job = &mut self.jobs[held.job];
        if (job.state, job.worker, job.lease) != (JobState::Running, Some(held.worker), held.lease) {
            let asked_again =
                decision == Decision::Succeed && job.endings.get(&held.lease) == Some(&"succeeded");
            return if asked_again { Settled::As(decision) } else { Settled::LeaseLost };
        }
        job.endings.insert(held.lease, ended_as);
        job.worker = None;
        let unwanted = job.cancel_requested
            && matches!(decision, Decision::Retry(_) | Decision::Snooze(_) | Decision::Release);
        let decision = if unwanted { Decision::Cancel } else { decision };
        job.state = match decision {
            Decision::Succeed => JobState::Succeeded,
            Decision::Fail => JobState::Failed,
            Decision::Cancel => JobState::Cancelled,
            Decision::Retry(delay) => {
                job.crashes += i16::from(ended_as == "crashed");
                job.ready_at = now + delay;
                JobState::Scheduled
            }
            Decision::Snooze(delay) => {
                job.attempt -= 1;
                job.ready_at = now + delay;
                JobState::Scheduled
            }
            Decision::Release => {
                job.attempt -= 1;
                JobState::Queued
            }
        };
        Settled::As(decision)
    }

    /// The state that a cancel finds, and the dependents that end with the job: one that waits is cancelled, and
    /// one that runs is asked to stop.
    pub fn cancel(&mut self, number: usize) -> (JobState, BTreeSet<usize>) {
        let job = &mut self.jobs[number];
        let found = job.state;
        if found == JobState::Running {
            job.cancel_requested = true;
        } else if !found.is_final() {
            job.needs.clear();
            job.state = JobState::Cancelled;
            return (found, self.end_dependents(number));
        }
        (found, BTreeSet::new())
    }

    /// Queues a job again, unless it is not over, too many wait, or another has its key.
    pub fn retry(&mut self, number: usize) -> Retry {
        let job = &self.jobs[number];
        if !matches!(job.state, JobState::Failed | JobState::Cancelled) {
            return Retry::NotOver(job.state);
        }
        if self.line_is_full(job.tenant) {
            return Retry::LineFull;
        }
        let state = |need: &usize| self.jobs[*need].state;
        let named = &self.jobs[number].named;
        if named.iter().any(|need| matches!(state(need), JobState::Failed | JobState::Cancelled)) {
            return Retry::NeedFailed;
        }
        if self.live_with_key(&self.jobs[number]).is_some() {
            return Retry::KeyInUse;
        }
        let needs = named.iter().copied().filter(|need| !state(need).is_final()).collect();
        let job = &mut self.jobs[number];
        job.needs = needs;
        (job.attempt, job.crashes, job.cancel_requested, job.ready_at) = (0, 0, false, self.now);
        self.enqueue(number);
        Retry::Queued
    }

    pub fn start_worker(&mut self) {
        self.workers.push(Worker { lease_until: self.now + LEASE, silent: false, gone: false });
    }

    /// The leases that a heartbeat names, with whether to stop; nothing for a worker that was given up.
    pub fn beat(&mut self, worker: usize) -> Option<BTreeMap<usize, (i32, bool)>> {
        let row = &mut self.workers[worker];
        if row.gone {
            return None;
        }
        row.silent = false;
        row.lease_until = self.now + LEASE;
        let of_worker = self.jobs.iter().enumerate().filter(|(_, job)| job.worker == Some(worker));
        Some(of_worker.map(|(n, job)| (n, (job.lease, job.cancel_requested))).collect())
    }

    /// A worker leaves, unless it holds a lease.
    pub fn leave(&mut self, worker: usize) {
        let holds = self.jobs.iter().any(|job| job.worker == Some(worker));
        self.workers[worker].gone |= !holds;
    }

    /// The jobs that a rescue finds, which have crashed with their workers.
    pub fn rescue(&mut self, policy: &RetryPolicy, draw: f64) -> BTreeSet<usize> {
        let now = self.now;
        let mut rescued = BTreeSet::new();
        for worker in 0..self.workers.len() {
            if self.workers[worker].gone || self.workers[worker].lease_until > now {
                continue;
            }
            for job in 0..self.jobs.len() {
                if self.jobs[job].worker == Some(worker) {
                    let held = self.held(job, worker);
                    let decision = decide(AttemptEnd::Crashed, held.counters, policy, draw);
                    self.settle(held, decision, "crashed");
                    rescued.insert(job);
                }
            }
            self.workers[worker].gone = true;
        }
        rescued
    }

    fn held(&self, number: usize, worker: usize) -> Held {
        let job = &self.jobs[number];
        let counters =
            Counters { attempt: job.attempt, max_attempts: job.max_attempts, crashes: job.crashes };
        Held { job: number, worker, lease: job.lease, counters }
    }

    /// The kinds of which jobs have become ready.
    pub fn promote(&mut self) -> BTreeSet<usize> {
        let now = self.now;
        let due = |job: &&mut Job| job.state == JobState::Scheduled && job.ready_at <= now;
        let ready = self.jobs.iter_mut().filter(due);
        ready
            .map(|job| {
                job.state = JobState::Queued;
                job.kind
            })
            .collect()
    }
}

/// The state of a job that waits for its time, or for a slot.
fn waiting(ready_at: DateTime<Utc>, now: DateTime<Utc>) -> JobState {
    if ready_at > now { JobState::Scheduled } else { JobState::Queued }
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}
