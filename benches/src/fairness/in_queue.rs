//! How does the queue itself answer who is next? By its own verbs on a real Postgres, at a simulated time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use esteira_engine::id::{JobId, WorkerId};
use esteira_engine::job::Decision;
use esteira_engine::queue::{self, Lease, Outcome, Settled};
use esteira_engine::tenant::Tenant;
use serde_json::json;

use super::clock::Clock;
use super::line::Line;
use super::load::Load;
use super::sleeper::{SLEEP, submission};
use crate::queue::place::Place;

/// Jobs of one submit.
const BULK: usize = 1_000;
/// Longer than any simulation: nobody renews these leases.
const LEASE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The queue.
pub struct InQueue<'a> {
    place: &'a Place,
    clock: Clock,
    load: Arc<Load>,
    tenants: Vec<Tenant>,
    workers: Vec<Worker>,
    numbers: HashMap<JobId, usize>,
    leases: HashMap<usize, Lease>,
    /// When overruns were looked for.
    looked_at: Duration,
}

/// A worker, and what it believes a job to take: its estimate is that of a real one (see the engine's `worker/costs.rs`).
struct Worker {
    id: WorkerId,
    estimate: Option<f64>,
}

impl<'a> InQueue<'a> {
    /// Registers workers on a database whose time has just begun.
    pub async fn open(
        place: &'a Place,
        clock: Clock,
        load: Arc<Load>,
        tenants: Vec<Tenant>,
        workers: usize,
    ) -> Result<Self> {
        let ids: Vec<WorkerId> = (0..workers).map(|_| WorkerId::new()).collect();
        for id in &ids {
            queue::register(&place.db, *id, "bench", &json!({}), LEASE).await?;
        }
        let workers = ids.into_iter().map(|id| Worker { id, estimate: None }).collect();
        Ok(Self {
            place,
            clock,
            load,
            tenants,
            workers,
            numbers: HashMap::new(),
            leases: HashMap::new(),
            looked_at: Duration::ZERO,
        })
    }

    /// Ends the clock.
    pub async fn close(self) -> Result<()> {
        self.clock.close().await
    }

    /// Time passes; once a second each worker charges what outran its estimate, as real ones do.
    async fn pass(&mut self, now: Duration) -> Result<()> {
        self.clock.set(now).await?;
        if now.as_secs() > self.looked_at.as_secs() {
            self.looked_at = now;
            let jobs_of = |worker: &Worker| -> Vec<JobId> {
                self.leases
                    .values()
                    .filter(|lease| lease.worker == worker.id)
                    .map(|lease| lease.job)
                    .collect()
            };
            for worker in &self.workers {
                queue::charge_overruns(&self.place.db, worker.id, &jobs_of(worker)).await?;
            }
        }
        Ok(())
    }

    fn tenant_of(&self, job: usize) -> Result<usize> {
        Ok(self.load.asked.get(job).context("a job is of the load")?.tenant)
    }
}

#[async_trait]
impl Line for InQueue<'_> {
    async fn join(&mut self, now: Duration, jobs: &[usize]) -> Result<()> {
        self.pass(now).await?;
        let asked = &self.load.asked;
        let tenant_of = |job: &usize| asked.get(*job).map(|asked| asked.tenant);
        for together in jobs.chunk_by(|one, next| tenant_of(one) == tenant_of(next)) {
            let tenant = together.first().and_then(tenant_of).context("a job is of the load")?;
            let tenant = self.tenants.get(tenant).context("a tenant was made")?;
            for bulk in together.chunks(BULK) {
                let submissions: Vec<_> = bulk.iter().map(|job| submission(*job, Duration::ZERO)).collect();
                let submitted = self.place.engine.submit_all(tenant, &submissions).await;
                let submitted = submitted.map_err(|(_, error)| error).context("a bulk was refused")?;
                self.numbers.extend(submitted.iter().map(|one| one.job).zip(bulk.iter().copied()));
            }
        }
        Ok(())
    }

    async fn next(&mut self, now: Duration, worker: usize, slots: usize) -> Result<Vec<usize>> {
        self.pass(now).await?;
        let Worker { id, estimate } = self.workers.get(worker).context("a worker is one of them")?;
        let estimate = Duration::from_secs_f64(estimate.unwrap_or(1.0));
        let leases = queue::claim(&self.place.db, *id, SLEEP, slots, estimate).await?;
        let mut next = Vec::with_capacity(leases.len());
        for lease in leases {
            let job = *self.numbers.get(&lease.job).context("a claim brought a job that nobody submitted")?;
            next.push(job);
            self.leases.insert(job, lease);
        }
        Ok(next)
    }

    async fn end(&mut self, now: Duration, worker: usize, job: usize) -> Result<()> {
        self.pass(now).await?;
        let tenant = self.tenants.get(self.tenant_of(job)?).context("a tenant was made")?;
        let lease = self.leases.remove(&job).context("only what was claimed ends")?;
        let settled = queue::settle(&self.place.db, tenant, &lease, &success()).await?;
        ensure!(settled == Settled::As(Decision::Succeed), "a settle did not count");
        let took = self.load.asked.get(job).context("a job is of the load")?.takes.as_secs_f64();
        let worker = self.workers.get_mut(worker).context("a worker is one of them")?;
        worker.estimate = Some(worker.estimate.map_or(took, |average| average + 0.1 * (took - average)));
        Ok(())
    }
}

fn success() -> Outcome {
    Outcome { output: Some(json!({})), ..Outcome::new(Decision::Succeed, "succeeded") }
}
