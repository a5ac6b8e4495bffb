//! What does the database hold, and what do its verbs do? Each is one transaction there, and one step here.

use esteira_engine::job::{AttemptEnd, Counters, Decision, JobState, RetryPolicy, decide};

use crate::process::End;
use crate::protocol::Flaw;

/// Attempts of each job: enough for one retry.
const MAX_ATTEMPTS: i16 = 2;

/// The right to settle one attempt, as the claimer carries it about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lease {
    pub job: usize,
    pub life: usize,
    pub number: u8,
    pub attempt: i16,
    pub crashes: i16,
}

/// A job: its row in the queue or its outcome, and its objects in the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JobRow {
    pub state: JobState,
    pub holder: Option<usize>,
    /// How often it was claimed.
    pub lease: u8,
    pub attempt: i16,
    pub crashes: i16,
    pub cancel_requested: bool,
    /// The lease whose attempt succeeded.
    pub succeeded_by: Option<u8>,
    /// The newest lease, if its files lie in the store. Those of older ones are the sweeper's.
    pub files_of: Option<u8>,
    /// Not in the real database: how many settles counted.
    pub settles: u8,
    /// Not in the real database: how it ended first.
    pub ended_as: Option<JobState>,
}

/// A row of `esteira.workers`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LifeRow {
    Alive { lease_ran_out: bool },
    Lost,
    Gone,
}

/// Not in the real database: wrongs that leave no trace in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Wrongs {
    pub settled_by_another: bool,
    pub claimed_by_the_lost: bool,
    pub robbed_after_renewal: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Database {
    pub jobs: [JobRow; 2],
    pub lives: Vec<LifeRow>,
    pub wrongs: Wrongs,
}

impl Database {
    pub fn with_two_jobs() -> Self {
        let job = JobRow {
            state: JobState::Queued,
            holder: None,
            lease: 0,
            attempt: 0,
            crashes: 0,
            cancel_requested: false,
            succeeded_by: None,
            files_of: None,
            settles: 0,
            ended_as: None,
        };
        Self { jobs: [job.clone(), job], lives: Vec::new(), wrongs: Wrongs::default() }
    }

    pub fn register(&mut self) -> usize {
        self.lives.push(LifeRow::Alive { lease_ran_out: false });
        self.lives.len() - 1
    }

    /// `esteira.claim`, of one job.
    pub fn claim(&mut self, life: usize, flaw: Option<Flaw>) -> Option<Lease> {
        let lost = !matches!(self.lives[life], LifeRow::Alive { .. });
        if lost && flaw != Some(Flaw::ClaimsThoughLost) {
            return None;
        }
        let job = self.jobs.iter().position(|row| row.state == JobState::Queued)?;
        self.wrongs.claimed_by_the_lost |= lost;
        let row = &mut self.jobs[job];
        row.state = JobState::Running;
        row.holder = Some(life);
        row.lease += 1;
        row.attempt += 1;
        row.cancel_requested = false;
        row.files_of = None;
        Some(row.leased(job))
    }

    /// `queue::settle`: whether it counted.
    pub fn settle(&mut self, lease: &Lease, end: End, flaw: Option<Flaw>) -> bool {
        let row = &mut self.jobs[lease.job];
        let holds = row.leased(lease.job) == *lease && row.state == JobState::Running;
        // The row of a final job is gone, so that even the fenceless find nothing to settle.
        let passes = holds || (flaw == Some(Flaw::NoFence) && !row.state.is_final());
        if !passes {
            return end == End::Succeeded
                && row.succeeded_by == Some(lease.number)
                && flaw != Some(Flaw::ForgetsWhoSettled);
        }
        let renewed = self.lives[lease.life] == LifeRow::Alive { lease_ran_out: false };
        self.wrongs.robbed_after_renewal |= end == End::WorkerLost && renewed;
        self.wrongs.settled_by_another |= !holds;
        row.end(lease, end);
        true
    }

    /// `queue::cancel`.
    pub fn cancel(&mut self, job: usize) {
        let row = &mut self.jobs[job];
        match row.state {
            JobState::Running => row.cancel_requested = true,
            _ => row.become_(JobState::Cancelled),
        }
    }

    /// The leases that a life holds by the database's account.
    pub fn leases_of(&self, life: usize) -> impl Iterator<Item = Lease> + '_ {
        let running = move |row: &JobRow| row.state == JobState::Running && row.holder == Some(life);
        self.jobs.iter().enumerate().filter(move |(_, row)| running(row)).map(|(job, row)| row.leased(job))
    }
}

impl JobRow {
    /// The lease that stands; its life means something only while the job runs.
    fn leased(&self, job: usize) -> Lease {
        Lease {
            job,
            life: self.holder.unwrap_or(usize::MAX),
            number: self.lease,
            attempt: self.attempt,
            crashes: self.crashes,
        }
    }

    fn end(&mut self, lease: &Lease, end: End) {
        let counters =
            Counters { attempt: lease.attempt, max_attempts: MAX_ATTEMPTS, crashes: lease.crashes };
        self.settles += 1;
        self.holder = None;
        match decide(end.of_attempt(), counters, &RetryPolicy::default(), 0.0) {
            Decision::Succeed => {
                self.succeeded_by = Some(lease.number);
                self.become_(JobState::Succeeded);
            }
            Decision::Fail => self.become_(JobState::Failed),
            Decision::Cancel => self.become_(JobState::Cancelled),
            // Nobody wants another attempt any more.
            Decision::Retry(_) | Decision::Snooze(_) | Decision::Release if self.cancel_requested => {
                self.become_(JobState::Cancelled);
            }
            Decision::Retry(_) => {
                self.crashes += i16::from(end.of_attempt() == AttemptEnd::Crashed);
                // There is no clock here: a job that is scheduled may be promoted at once.
                self.become_(JobState::Queued);
            }
            Decision::Release | Decision::Snooze(_) => {
                self.attempt -= 1;
                self.become_(JobState::Queued);
            }
        }
    }

    fn become_(&mut self, state: JobState) {
        self.state = state;
        if state.is_final() {
            self.ended_as.get_or_insert(state);
        }
    }
}
