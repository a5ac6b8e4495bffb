//! What is measured on the wall's clock? Real workers, whose jobs sleep, and the same load as in the simulation.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use esteira_engine::tenant::Tenant;
use esteira_engine::worker::Worker;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::judge::judge;
use super::load::{Asked, Durations, Load, Size};
use super::sleeper::{Happened, SLEEP, Sleeper, submission};
use super::story::Story;
use crate::queue::place::{Place, Server};

/// Jobs of one submit.
const BULK: usize = 1_000;

/// The load, and the workers that run it.
#[derive(Debug, Args)]
pub struct Real {
    #[command(flatten)]
    server: Server,
    /// Slots of all workers
    #[arg(long, default_value_t = 64)]
    slots: usize,
    /// Workers that share them
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Windows of 100 mean job times (21 s) that are measured
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), default_value_t = 2)]
    windows: u32,
    /// Jobs of the tenant that has everything queued from the beginning
    #[arg(long, default_value_t = 5_000)]
    flood: usize,
    /// Another load of the same sort
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Real {
    /// Runs the load, and prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        let Self { slots, windows, flood, seed, .. } = self;
        let load = Arc::new(Load::draw(Size { durations: Durations::Brief, slots, windows, flood, seed }));
        let (happened, happenings) = mpsc::unbounded_channel();
        let place = Place::with(&self.server, vec![Box::new(Sleeper { happened: Some(happened) })]).await?;
        let tenants = place.tenants_with(load.members.iter().map(|member| member.limits())).await?;

        let stop = CancellationToken::new();
        let mut workers = Vec::with_capacity(self.workers);
        for _ in 0..self.workers {
            let options = place.worker_options_of(SLEEP, slots / self.workers.max(1));
            let worker = Worker::start(place.engine.clone(), options).await?;
            workers.push(tokio::spawn(worker.run(stop.clone())));
        }
        let began = Instant::now();
        let asked = ask(&place, &tenants, &load, began).await?;
        sleep_until(began + load.until).await;
        stop.cancel();
        for worker in workers {
            worker.await?;
        }
        place.close().await;
        let story = story(&load, slots, began, &asked, happenings);
        crate::say(&json!({
            "bench": "fairness", "time": "real", "slots": slots, "workers": self.workers,
            "window_seconds": load.window.as_secs_f64().round(), "queue": judge(&story),
        }));
        Ok(ExitCode::SUCCESS)
    }
}

/// Submits each job at its instant; tells when that was done.
async fn ask(place: &Place, tenants: &[Tenant], load: &Load, began: Instant) -> Result<Vec<Duration>> {
    let mut done = Vec::with_capacity(load.asked.len());
    let together = |one: &Asked, next: &Asked| (one.at, one.tenant) == (next.at, next.tenant);
    for burst in load.asked.chunk_by(together) {
        let Some(Asked { at, tenant, .. }) = burst.first() else { continue };
        sleep_until(began + *at).await;
        let tenant = tenants.get(*tenant).context("a tenant was made")?;
        for bulk in burst.chunks(BULK) {
            let jobs: Vec<_> =
                (done.len()..).zip(bulk).map(|(job, one)| submission(job, one.takes)).collect();
            let submitted = place.engine.submit_all(tenant, &jobs).await;
            submitted.map_err(|(_, error)| error).context("a bulk was refused")?;
            done.resize(done.len() + bulk.len(), began.elapsed());
        }
    }
    Ok(done)
}

fn story(
    load: &Arc<Load>,
    slots: usize,
    began: Instant,
    asked: &[Duration],
    mut happenings: mpsc::UnboundedReceiver<Happened>,
) -> Story {
    let mut story = Story::of(Arc::clone(load), slots);
    for (job, asked) in story.jobs.iter_mut().zip(asked) {
        job.asked = *asked;
    }
    while let Ok(happened) = happenings.try_recv() {
        let (Happened::Began(job, at) | Happened::Ended(job, at)) = happened;
        let Some(job) = story.jobs.get_mut(job) else { continue };
        match happened {
            Happened::Began(..) => {
                job.began = Some(at - began);
                // It may have begun before its submitter had the answer.
                job.asked = job.asked.min(at - began);
            }
            Happened::Ended(..) => job.ended = Some(at - began),
        }
    }
    story
}
