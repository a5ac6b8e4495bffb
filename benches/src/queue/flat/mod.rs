//! Does a claim, and does a settle, cost the same with many tenants, a long queue and a long history?

pub mod fill;
mod memory;
mod rounds;

use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Args;
use esteira_engine::worker::Worker;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::place::{Place, Server};
use super::psql::Superuser;
use super::used::Reading;
use memory::ServerLog;
use rounds::Rounds;

/// From the sixth time on a session keeps the plans of a function's statements, for each tenant's functions anew.
const VISITS_FOR_PLANS: usize = 6;

/// What lies in the database.
#[derive(Debug, Args)]
pub struct Flat {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    superuser: Superuser,
    #[command(flatten)]
    log: ServerLog,
    /// Tenants
    #[arg(long, default_value_t = 10)]
    tenants: usize,
    /// Jobs that wait, over all tenants
    #[arg(long, default_value_t = 1_000)]
    queued: usize,
    /// Jobs that ended long ago, over all tenants
    #[arg(long, default_value_t = 0)]
    finished: usize,
    /// Claims of each sort at least
    #[arg(long, default_value_t = 500)]
    rounds: usize,
    /// Jobs that a worker runs after that, as fast as it can; not more than wait
    #[arg(long, default_value_t = 0)]
    drain: usize,
}

impl Flat {
    /// Fills the database, measures claims and settles, and prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        ensure!(self.tenants >= 10, "--tenants: at least 10, which one claim is shared among");
        ensure!(self.queued / self.tenants >= 10, "--queued: at least 10 a tenant");
        let (began, mut begun) = mpsc::unbounded_channel();
        let place = Place::open(&self.server, Some(began)).await?;
        let tenants = place.tenants_at_once(self.tenants).await?;
        fill::queued(&self.superuser, self.queued / self.tenants).await?;
        fill::finished(&self.superuser, self.finished / self.tenants).await?;
        // What autovacuum would do some time later.
        self.superuser.run("vacuum (analyze); checkpoint").await?;

        let rounds = Rounds::new(&place, self.server.postmaster, tenants.clone(), self.queued, false).await?;
        let single = rounds.single(self.rounds).await?;
        let spread = rounds.spread(self.rounds).await?;
        let lane = rounds.lane(self.rounds.min(self.queued / 200).max(10)).await?;
        let session = self.log.largest_session(&self.superuser, self.server.postmaster).await?;
        rounds.close().await;
        // What a connection would grow to that nobody replaces.
        let rounds = Rounds::new(&place, self.server.postmaster, tenants, self.queued, true).await?;
        for _ in 0..VISITS_FOR_PLANS / 2 {
            rounds.spread(self.rounds).await?;
        }
        let unbounded = self.log.largest_session(&self.superuser, self.server.postmaster).await?;
        rounds.close().await;
        let drain = self.drain(&place, &mut begun).await?;
        let workers_session = self.log.largest_session(&self.superuser, self.server.postmaster).await?;
        place.close().await;
        crate::say(&json!({
            "bench": "flat", "tenants": self.tenants, "queued": self.queued, "finished": self.finished,
            "single": single, "spread": spread, "lane": lane, "session_after_all_tenants": session,
            "session_if_never_replaced": unbounded,
            "drain": drain, "session_after_drain": workers_session,
        }));
        Ok(ExitCode::SUCCESS)
    }

    /// Lets a worker run some of the jobs.
    async fn drain(
        &self,
        place: &Place,
        begun: &mut mpsc::UnboundedReceiver<tokio::time::Instant>,
    ) -> Result<Value> {
        if self.drain == 0 {
            return Ok(Value::Null);
        }
        let stop = CancellationToken::new();
        let worker = Worker::start(place.engine.clone(), place.worker_options(1_000)).await?;
        let before = Reading::take(self.server.postmaster)?;
        let worker = tokio::spawn(worker.run(stop.clone()));
        for _ in 0..self.drain {
            ensure!(begun.recv().await.is_some(), "the worker ended");
        }
        stop.cancel();
        worker.await?;
        let used = before.until(&Reading::take(self.server.postmaster)?);
        // Those that had been claimed by then ran as well.
        let jobs = (self.drain + begun.len()) as f64;
        Ok(json!({
            "jobs": jobs, "jobs_per_s": (jobs / used.wall.as_secs_f64()).round(),
            "postgres_cpu_us_per_job": (used.postgres * 1e6 / jobs * 10.0).round() / 10.0,
            "client_cpu_us_per_job": (used.client * 1e6 / jobs * 10.0).round() / 10.0,
        }))
    }
}
