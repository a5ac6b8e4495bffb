//! How does a step go through the queue and through its model? By the real verb, whose answer must be the model's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use esteira_engine::id::{JobId, WorkerId};
use esteira_engine::job::{AttemptEnd, Decision, JobState, RetryPolicy, decide};
use esteira_engine::queue::{
    self, Beat, CancelError, Cancelled, Ended, Lease, Outcome, RetryError, Submission, SubmitError, Submitted,
};
use esteira_engine::tenant::{LimitsChange, Tenant};
use serde_json::json;

use super::look::Look;
use super::reference::{Held, Job, LEASE, Reference, Retry, Rules, Submit};
use super::step::{End, Step, Which};
use crate::harness::{Harness, KIND, OTHER_KIND, outcome, submission};

const KINDS: [&str; 2] = [KIND, OTHER_KIND];
/// Jitter of the retries after a rescue: the longest delay.
const DRAW: f64 = 1.0;
/// Delays that are seen when the clock moves by seconds.
const POLICY: RetryPolicy = RetryPolicy { base_ms: 8_000, cap_ms: 20_000 };

/// Three tenants: one free, one that runs two jobs at a time, one whose line is short.
pub async fn tenants(h: &Harness) -> Vec<Tenant> {
    let two_run = LimitsChange { max_running: Some(Some(2)), ..LimitsChange::default() };
    let few_wait = LimitsChange { max_queued: Some(Some(4)), weight: Some(2.0), ..LimitsChange::default() };
    vec![
        h.tenant("free").await,
        h.tenant_with("narrow", two_run).await,
        h.tenant_with("short", few_wait).await,
    ]
}

/// The queue, its model, and how the one's names translate into the other's numbers.
pub struct World<'a> {
    h: &'a Harness,
    tenants: &'a [Tenant],
    look: &'a Look,
    reference: Reference,
    jobs: Vec<JobId>,
    workers: Vec<WorkerId>,
    leases: Vec<(Lease, Held)>,
}

type Told = Result<(), String>;

impl<'a> World<'a> {
    /// Nothing but the tenants and two workers.
    pub async fn begin(h: &'a Harness, tenants: &'a [Tenant], look: &'a Look) -> Self {
        let rules = tenants.iter().map(|tenant| Rules {
            max_running: tenant.limits.max_running.and_then(|limit| usize::try_from(limit).ok()),
            max_queued: tenant.limits.max_queued.and_then(|limit| usize::try_from(limit).ok()),
        });
        let now = DateTime::from_timestamp(2_000_000_000, 0).unwrap();
        let reference = Reference::new(now, rules.collect());
        look.clear().await;
        look.set_clock(now).await;
        let (jobs, workers, leases) = (Vec::new(), Vec::new(), Vec::new());
        let mut world = Self { h, tenants, look, reference, jobs, workers, leases };
        world.start_worker().await;
        world.start_worker().await;
        world
    }

    pub async fn take(&mut self, step: &Step) -> Told {
        match step {
            Step::Submit { tenant, other_kind, priority, run_in, max_attempts, needs, key } => {
                let tenant = usize::from(*tenant) % self.tenants.len();
                let run_at = run_in.map(|seconds| self.reference.now + TimeDelta::seconds(seconds));
                self.submit(Job {
                    tenant,
                    kind: usize::from(*other_kind),
                    priority: *priority,
                    place: 0,
                    state: JobState::Queued,
                    ready_at: run_at.unwrap_or(self.reference.now),
                    attempt: 0,
                    max_attempts: i16::try_from(*max_attempts).unwrap(),
                    crashes: 0,
                    lease: 0,
                    worker: None,
                    cancel_requested: false,
                    needs: needs.iter().filter_map(|which| self.needed(tenant, *which)).collect(),
                    named: BTreeSet::new(),
                    key: *key,
                    endings: BTreeMap::new(),
                })
                .await
            }
            Step::Claim { worker, other_kind, limit } => {
                self.claim(self.worker(*worker), usize::from(*other_kind), *limit).await
            }
            Step::Settle(which, end) => match pick(*which, &self.standing()) {
                Some(lease) => self.settle(lease, *end).await,
                None => Ok(()),
            },
            Step::SettleAny(which, end) => match pick(*which, &(0..self.leases.len()).collect::<Vec<_>>()) {
                Some(lease) => self.settle(lease, *end).await,
                None => Ok(()),
            },
            Step::SettleTogether(worker, leases) => self.settle_together(self.worker(*worker), leases).await,
            Step::HandBack(which) => match pick(*which, &(0..self.leases.len()).collect::<Vec<_>>()) {
                Some(lease) => self.hand_back(lease).await,
                None => Ok(()),
            },
            Step::Cancel(which) if !self.jobs.is_empty() => {
                self.cancel(usize::from(*which) % self.jobs.len()).await
            }
            Step::RetryByHand(which) if !self.jobs.is_empty() => {
                self.retry(usize::from(*which) % self.jobs.len()).await
            }
            Step::Cancel(_) | Step::RetryByHand(_) => Ok(()),
            Step::StartWorker => {
                self.start_worker().await;
                Ok(())
            }
            Step::FallSilent(which) => {
                let worker = self.worker(*which);
                self.reference.workers[worker].silent = true;
                Ok(())
            }
            Step::Beat(which) => self.beat(self.worker(*which)).await,
            Step::Leave(which) => {
                let worker = self.worker(*which);
                queue::deregister(&self.h.db, self.workers[worker]).await.map_err(told)?;
                self.reference.leave(worker);
                Ok(())
            }
            Step::Rescue => self.rescue().await,
            Step::Promote => self.promote().await,
            Step::Clock(seconds) => self.move_clock(TimeDelta::seconds(*seconds)).await,
        }
    }

    fn needed(&self, tenant: usize, which: Which) -> Option<usize> {
        let anybodys = which > 240;
        let jobs = self.reference.jobs.iter().enumerate().rev();
        let own: Vec<usize> =
            jobs.filter(|(_, job)| anybodys || job.tenant == tenant).map(|(number, _)| number).collect();
        pick(which, &own)
    }

    fn worker(&self, which: Which) -> usize {
        usize::from(which) % self.workers.len()
    }

    async fn submit(&mut self, job: Job) -> Told {
        let asked = Submission {
            kind: KINDS[job.kind].into(),
            priority: job.priority,
            run_at: (job.ready_at != self.reference.now).then_some(job.ready_at),
            max_attempts: u16::try_from(job.max_attempts).ok(),
            unique_key: job.key.map(|key| format!("key {key}")),
            depends_on: job.needs.iter().map(|need| self.jobs[*need]).collect(),
            ..submission()
        };
        let answer = self.h.engine.submit(&self.tenants[job.tenant], &asked).await;
        match (answer, self.reference.submit(job)) {
            (Ok(Submitted { job, existing: false }), Submit::New) => {
                self.jobs.push(job);
                Ok(())
            }
            (Ok(Submitted { job, existing: true }), Submit::Existing(first)) => {
                same("the job with the key", self.jobs[first], job)
            }
            (Err(SubmitError::QueueFull { .. }), Submit::LineFull)
            | (Err(SubmitError::BadField { field: "depends_on", .. }), Submit::NeedUnknown) => Ok(()),
            (answer, expected) => Err(format!("answered {answer:?}, the model {expected:?}")),
        }
    }

    async fn claim(&mut self, worker: usize, kind: usize, limit: usize) -> Told {
        let cost = Duration::from_secs(1);
        let leases =
            queue::claim(&self.h.db, self.workers[worker], KINDS[kind], limit, cost).await.map_err(told)?;
        let mut given = Vec::new();
        for lease in leases {
            let job = self.number(lease.job)?;
            let held = Held { job, worker, lease: lease.lease, counters: lease.counters };
            same("the kind", KINDS[self.reference.jobs[job].kind], lease.kind.as_str())?;
            same("ready_at", self.reference.jobs[job].ready_at, lease.ready_at)?;
            given.push(held);
            self.leases.push((lease, held));
        }
        self.reference.claim(worker, kind, limit, &given)
    }

    /// The leases that stand.
    fn standing(&self) -> Vec<usize> {
        let stands = |held: &Held| {
            let job = &self.reference.jobs[held.job];
            (job.worker, job.lease) == (Some(held.worker), held.lease)
        };
        (0..self.leases.len()).filter(|lease| stands(&self.leases[*lease].1)).collect()
    }

    async fn settle(&mut self, lease: usize, end: End) -> Told {
        let (lease, held) = &self.leases[lease];
        let (decision, ended_as) = decided(end, lease);
        let tenant = &self.tenants[self.reference.jobs[held.job].tenant];
        let answer = queue::settle(&self.h.db, tenant, lease, &outcome(decision, ended_as)).await;
        same("the settle", self.reference.settle(*held, decision, ended_as), answer.map_err(told)?)
    }

    async fn settle_together(&mut self, worker: usize, which: &[(Which, End)]) -> Told {
        let of_worker: Vec<usize> =
            (0..self.leases.len()).filter(|lease| self.leases[*lease].1.worker == worker).collect();
        let mut batch: Vec<(usize, End, Outcome)> = Vec::new();
        for (which, end) in which {
            let Some(lease) = pick(*which, &of_worker) else { return Ok(()) };
            // Whoever asks once more asks the same.
            let end = batch.iter().find(|(other, ..)| *other == lease).map_or(*end, |(_, first, _)| *first);
            let (decision, ended_as) = decided(end, &self.leases[lease].0);
            batch.push((lease, end, outcome(decision, ended_as)));
        }
        let ended: Vec<Ended<'_>> = batch
            .iter()
            .map(|(lease, _, outcome)| {
                let (lease, held) = &self.leases[*lease];
                Ended { tenant: &self.tenants[self.reference.jobs[held.job].tenant], lease, outcome }
            })
            .collect();
        match queue::settle_all(&self.h.db, self.workers[worker], &ended).await {
            Ok(settlement) => {
                let mut expected = Vec::new();
                for (lease, _, outcome) in &batch {
                    let held = self.leases[*lease].1;
                    expected.push(self.reference.settle(held, outcome.decision, outcome.ended_as));
                }
                same("the settles", expected, settlement.settled)
            }
            Err(error) => {
                let jobs: BTreeSet<usize> =
                    batch.iter().map(|(lease, ..)| self.leases[*lease].1.job).collect();
                if jobs.len() == batch.len() {
                    return Err(told(error));
                }
                // A job twice in one transaction may be refused as a whole; then it is asked one by one.
                for (lease, end, _) in batch {
                    self.settle(lease, end).await?;
                }
                Ok(())
            }
        }
    }

    async fn hand_back(&mut self, lease: usize) -> Told {
        let (lease, held) = &self.leases[lease];
        queue::hand_back(&self.h.db, lease.worker, lease.job, lease.lease).await.map_err(told)?;
        self.reference.settle(*held, Decision::Release, "released");
        Ok(())
    }

    async fn cancel(&mut self, job: usize) -> Told {
        let tenant = &self.tenants[self.reference.jobs[job].tenant];
        let answer = queue::cancel(&self.h.db, tenant, self.jobs[job]).await;
        let (found, dependents) = self.reference.cancel(job);
        match (answer, found) {
            (Ok(Cancelled::Asked), JobState::Running) => Ok(()),
            (Ok(Cancelled::AtOnce(ended)), found)
                if !matches!(found, JobState::Running | JobState::Succeeded | JobState::Failed) =>
            {
                let ended =
                    ended.into_iter().map(|id| self.number(id)).collect::<Result<BTreeSet<_>, _>>()?;
                same("the dependents that ended", dependents, ended)
            }
            (Err(CancelError::Final(state)), found) if found.is_final() => same("the state", found, state),
            (answer, found) => Err(format!("answered {answer:?} of a job that is {found}")),
        }
    }

    async fn retry(&mut self, job: usize) -> Told {
        let tenant = &self.tenants[self.reference.jobs[job].tenant];
        let answer = self.h.engine.retry(tenant, self.jobs[job]).await;
        match (answer, self.reference.retry(job)) {
            (Ok(_), Retry::Queued)
            | (Err(RetryError::QueueFull { .. }), Retry::LineFull)
            | (Err(RetryError::NeedFailed(_)), Retry::NeedFailed)
            | (Err(RetryError::KeyInUse), Retry::KeyInUse) => Ok(()),
            (Err(RetryError::NotRetryable(state)), Retry::NotOver(found)) => same("the state", found, state),
            (answer, expected) => Err(format!("answered {answer:?}, the model {expected:?}")),
        }
    }

    async fn start_worker(&mut self) {
        let worker = WorkerId::new();
        let lease = LEASE.to_std().unwrap();
        queue::register(&self.h.db, worker, "test", &json!({}), lease).await.unwrap();
        self.workers.push(worker);
        self.reference.start_worker();
    }

    async fn beat(&mut self, worker: usize) -> Told {
        let lease = LEASE.to_std().unwrap();
        let answer = match queue::beat(&self.h.db, self.workers[worker], lease).await.map_err(told)? {
            Beat::Lost => None,
            Beat::Alive { jobs, .. } => {
                let named = jobs.into_iter().map(|(id, told)| Ok((self.number(id)?, told)));
                Some(named.collect::<Result<BTreeMap<_, _>, String>>()?)
            }
        };
        same("the heartbeat", self.reference.beat(worker), answer)
    }

    async fn rescue(&mut self) -> Told {
        let catalog = self.h.engine.catalog();
        let policy = catalog.get(KIND).unwrap().info.defaults.retry;
        let rescued = queue::rescue(&self.h.db, catalog, || DRAW).await.map_err(told)?;
        let rescued =
            rescued.jobs.into_iter().map(|id| self.number(id)).collect::<Result<BTreeSet<_>, _>>()?;
        same("the rescued", self.reference.rescue(&policy, DRAW), rescued)
    }

    async fn promote(&mut self) -> Told {
        let kinds: BTreeSet<String> =
            queue::promote(&self.h.db).await.map_err(told)?.kinds.into_iter().collect();
        let expected = self.reference.promote().into_iter().map(|kind| KINDS[kind].to_owned()).collect();
        same("the promoted kinds", expected, kinds)
    }

    /// Time passes, or a clock is set back; whoever lives and was heard of before is heard of then.
    async fn move_clock(&mut self, by: TimeDelta) -> Told {
        self.reference.now += by;
        self.look.set_clock(self.reference.now).await;
        for worker in 0..self.workers.len() {
            if !self.reference.workers[worker].silent && !self.reference.workers[worker].gone {
                self.beat(worker).await?;
            }
        }
        Ok(())
    }

    fn number(&self, id: JobId) -> Result<usize, String> {
        self.jobs.iter().position(|known| *known == id).ok_or_else(|| format!("nobody submitted {id}"))
    }

    /// Whether the database holds what the model holds.
    pub async fn compare(&self) -> Told {
        self.compare_jobs().await?;
        self.compare_endings().await?;
        self.compare_workers().await?;
        same("jobs whose lane rests", 0, self.look.forgotten().await)
    }

    async fn compare_jobs(&self) -> Told {
        let places = self.look.places().await;
        for (tenant, submitted) in self.look.submitted().await {
            let held = places.iter().filter(|place| place.tenant_id == tenant).count();
            same("submitted = the sum of all states", usize::try_from(submitted).unwrap(), held)?;
        }
        same("the jobs", self.jobs.len(), places.len())?;
        let mut met = BTreeSet::new();
        for place in places {
            let number = self.number(place.job_id)?;
            met.insert(number);
            let job = &self.reference.jobs[number];
            let found = (place.state.as_str(), place.attempt);
            same(&format!("state and attempt of job {number}"), (job.state.as_str(), job.attempt), found)?;
            let live = (!job.state.is_final()).then_some(job);
            let expected = (
                live.map(|job| (job.crashes, job.lease, job.ready_at, job.cancel_requested)),
                live.and_then(|job| job.worker).map(|worker| self.workers[worker]),
            );
            let row = place.crashes.zip(place.lease).zip(place.ready_at).zip(place.cancel_requested);
            let row = row.map(|(((crashes, lease), ready_at), cancel)| (crashes, lease, ready_at, cancel));
            same(&format!("the row of job {number}"), expected, (row, place.worker_id))?;
        }
        same("jobs in one place each", self.jobs.len(), met.len())
    }

    async fn compare_endings(&self) -> Told {
        let mut found: Vec<BTreeMap<i32, String>> = vec![BTreeMap::new(); self.jobs.len()];
        for (id, lease, ended_as) in self.look.endings().await {
            found[self.number(id)?].insert(lease, ended_as.unwrap_or_default());
        }
        for (number, (job, found)) in self.reference.jobs.iter().zip(found).enumerate() {
            let expected: BTreeMap<i32, String> =
                job.endings.iter().map(|(lease, ended_as)| (*lease, (*ended_as).to_owned())).collect();
            same(&format!("the attempts of job {number}"), expected, found)?;
        }
        Ok(())
    }

    async fn compare_workers(&self) -> Told {
        let mut expected: Vec<_> = self
            .reference
            .workers
            .iter()
            .zip(&self.workers)
            .filter(|(worker, _)| !worker.gone)
            .map(|(worker, id)| (*id, worker.lease_until, false))
            .collect();
        let mut found = self.look.workers().await;
        expected.sort_unstable();
        found.sort_unstable();
        same("the workers", expected, found)
    }

    /// Runs whatever is left; every job ends then, whatever was done to it.
    pub async fn run_to_the_end(&mut self) -> Told {
        let open = |job: &Job| !job.state.is_final();
        for _ in 0..=self.jobs.len() {
            if !self.reference.jobs.iter().any(open) {
                break;
            }
            self.move_clock(TimeDelta::hours(1)).await?;
            self.rescue().await?;
            self.promote().await?;
            self.start_worker().await;
            for kind in 0..KINDS.len() {
                self.claim(self.workers.len() - 1, kind, 100).await?;
            }
            for lease in self.standing() {
                self.settle(lease, End::Succeeded).await?;
            }
        }
        self.compare().await?;
        same("jobs that have not ended", 0, self.reference.jobs.iter().filter(|job| open(job)).count())
    }
}

fn pick(which: Which, of: &[usize]) -> Option<usize> {
    (!of.is_empty()).then(|| of[usize::from(which) % of.len()])
}

#[expect(clippy::needless_pass_by_value, reason = "callers compare what they have just made")]
fn same<T: PartialEq + Debug>(what: &str, expected: T, found: T) -> Told {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what}: the model has {expected:?}, the queue {found:?}"))
}

/// What a worker decides of an attempt that ended so.
fn decided(end: End, lease: &Lease) -> (Decision, &'static str) {
    let (end, ended_as) = match end {
        End::Succeeded => (AttemptEnd::Succeeded, "succeeded"),
        End::Failed { retryable } => (AttemptEnd::Failed { retryable }, "failed"),
        End::Crashed => (AttemptEnd::Crashed, "crashed"),
        End::Cancelled => (AttemptEnd::Cancelled, "cancelled"),
        End::Released => (AttemptEnd::Released, "released"),
        End::Snoozed(seconds) => (AttemptEnd::Snoozed(Duration::from_secs(seconds)), "snoozed"),
    };
    (decide(end, lease.counters, &POLICY, DRAW), ended_as)
}

fn told(error: impl std::error::Error) -> String {
    format!("{error}: {:?}", error.source())
}
