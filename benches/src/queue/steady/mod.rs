//! Does the queue stay as fast and as small as it was? A steady load for an hour, then with a transaction held open.

mod load;
mod look;
mod statements;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use esteira_engine::worker::Worker;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::place::{Place, Server};
use super::psql::Superuser;
use load::Load;
use look::{Look, Sample};

/// How long, and how much.
#[derive(Debug, Args)]
pub struct Steady {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    superuser: Superuser,
    /// Minutes with nothing else going on
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,
    /// Minutes after that in which somebody holds a transaction open
    #[arg(long, default_value_t = 10.0)]
    held_minutes: f64,
    /// Minutes after the end of that transaction
    #[arg(long, default_value_t = 2.0)]
    after_minutes: f64,
    /// Jobs that are offered a second
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// Tenants that offer them in turn
    #[arg(long, default_value_t = 50)]
    tenants: usize,
    /// Slots of the worker
    #[arg(long, default_value_t = 100)]
    slots: usize,
    /// Seconds between two looks
    #[arg(long, default_value_t = 10.0)]
    every: f64,
}

impl Steady {
    /// Offers jobs, looks now and then, prints a JSON line a look and one at the end.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        self.superuser.run("create extension if not exists pg_stat_statements").await?;
        let (began, begun) = mpsc::unbounded_channel();
        let place = Place::open(&self.server, Some(began)).await?;
        let tenants = place.tenants_at_once(self.tenants).await?;
        let stop = CancellationToken::new();
        let worker = Worker::start(place.engine.clone(), place.worker_options(self.slots)).await?;
        let worker = tokio::spawn(worker.run(stop.clone()));
        let load = Load::start(&place, tenants, self.rate, begun, stop.clone()).await?;

        let mut look = Look::start(&self.superuser, self.server.postmaster, &load).await?;
        let quiet = self.watch(&mut look, "quiet", self.minutes).await?;
        // A snapshot and a transaction number: nothing that dies from now on can be cleaned up.
        let snapshot = "begin isolation level repeatable read; select pg_current_xact_id()";
        let held_open = self.superuser.hold(snapshot).await?;
        let held = self.watch(&mut look, "held", self.held_minutes).await?;
        drop(held_open);
        let after = self.watch(&mut look, "after", self.after_minutes).await?;

        let offered = load.stop().await?;
        stop.cancel();
        worker.await?;
        place.close().await;
        crate::say(&json!({
            "bench": "steady", "minutes": self.minutes, "held_minutes": self.held_minutes, "rate": self.rate,
            "tenants": self.tenants, "offered": offered,
            "quiet": look::summary(&quiet), "held": look::summary(&held), "after": look::summary(&after),
            "held_to_quiet": look::ratio(&held, &quiet),
        }));
        Ok(ExitCode::SUCCESS)
    }

    /// Looks for some minutes.
    async fn watch(&self, look: &mut Look<'_>, phase: &'static str, minutes: f64) -> Result<Vec<Sample>> {
        let every = Duration::from_secs_f64(self.every);
        let end = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
        let mut ticks = interval_at(Instant::now() + every, every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut samples = Vec::new();
        while Instant::now() + every / 2 < end {
            ticks.tick().await;
            let sample = look.take(phase).await?;
            crate::say(&sample.line);
            samples.push(sample);
        }
        Ok(samples)
    }
}
