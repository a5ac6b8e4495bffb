//! How fast is a full queue emptied? One worker, jobs that do nothing, results in the tenants' own schemas.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Args;
use esteira_engine::job::JobState;
use esteira_engine::queue::JobFilter;
use esteira_engine::tenant::Tenant;
use esteira_engine::worker::Worker;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::place::{Place, Server};
use super::used::{Reading, Used};

/// What is drained.
#[derive(Debug, Args)]
pub struct Drain {
    #[command(flatten)]
    server: Server,
    /// Jobs in the queue
    #[arg(long, default_value_t = 10_000)]
    jobs: usize,
    /// Tenants that share them
    #[arg(long, default_value_t = 1)]
    tenants: usize,
    /// Slots of the worker
    #[arg(long, default_value_t = 1_000)]
    slots: usize,
}

impl Drain {
    /// Fills the queue and drains it, twice: once with sessions and tables that are new, and once with those that the
    /// first round has used. Prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        let (began, mut begun) = mpsc::unbounded_channel();
        let place = Place::open(&self.server, Some(began)).await?;
        let tenants = place.tenants(self.tenants).await?;
        let first = self.round(&place, &tenants, &mut begun).await?;
        let again = self.round(&place, &tenants, &mut begun).await?;
        for tenant in &tenants {
            for state in JobState::ALL.into_iter().filter(|state| *state != JobState::Succeeded) {
                let such = JobFilter { state: Some(state), ..JobFilter::default() };
                let found = place.engine.jobs(tenant, &such, None, 1).await?.items;
                ensure!(found.is_empty(), "a job is {state}");
            }
        }
        place.close().await;
        let each = |seconds: f64| (seconds * 1e6 / self.jobs as f64 * 10.0).round() / 10.0;
        let rate = |used: Used| (self.jobs as f64 / used.wall.as_secs_f64()).round();
        crate::say(&json!({
            "bench": "drain", "jobs": self.jobs, "tenants": self.tenants, "slots": self.slots,
            "jobs_per_s": rate(first),
            "client_cpu_us_per_job": each(first.client),
            "postgres_cpu_us_per_job": each(first.postgres),
            "again_jobs_per_s": rate(again),
            "again_client_cpu_us_per_job": each(again.client),
            "again_postgres_cpu_us_per_job": each(again.postgres),
        }));
        Ok(ExitCode::SUCCESS)
    }

    /// Fills the queue and drains it.
    async fn round(
        &self,
        place: &Place,
        tenants: &[Tenant],
        begun: &mut mpsc::UnboundedReceiver<Instant>,
    ) -> Result<Used> {
        place.fill(tenants, self.jobs).await?;
        self.server.analyze().await?;
        let stop = CancellationToken::new();
        let worker = Worker::start(place.engine.clone(), place.worker_options(self.slots)).await?;
        let before = Reading::take(self.server.postmaster)?;
        let worker = tokio::spawn(worker.run(stop.clone()));
        for _ in 0..self.jobs {
            ensure!(begun.recv().await.is_some(), "the worker ended");
        }
        // All have begun; the last settles are under way. What counts is what is committed.
        stop.cancel();
        worker.await?;
        let used = before.until(&Reading::take(self.server.postmaster)?);
        ensure!(begun.is_empty(), "a job ran twice");
        Ok(used)
    }
}
