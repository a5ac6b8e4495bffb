//! What is measured at a simulated time? A load in the queue, in a plain line, and in one that knows every cost.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::clock::Clock;
use super::fifo::Fifo;
use super::in_queue::InQueue;
use super::judge::judge;
use super::known::Known;
use super::load::{Durations, Load, Size};
use super::simulate::simulate;
use super::sleeper::Sleeper;
use super::story::Story;
use crate::queue::place::{Place, Server};

/// Instants of the picture.
const BUCKETS: u32 = 80;

/// The load, and the slots that it is run on.
#[derive(Debug, Args)]
pub struct Simulated {
    #[command(flatten)]
    server: Server,
    /// How long jobs take
    #[arg(long, value_enum, default_value_t = Durations::Mixed)]
    durations: Durations,
    /// Slots of all workers
    #[arg(long, default_value_t = 64)]
    slots: usize,
    /// Workers that share them
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Windows of 100 mean job times that are measured
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), default_value_t = 3)]
    windows: u32,
    /// Jobs of the tenant that has everything queued from the beginning
    #[arg(long, default_value_t = 100_000)]
    flood: usize,
    /// Another load of the same sort
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the shares over time go, for the picture
    #[arg(long)]
    series: Option<PathBuf>,
}

impl Simulated {
    /// Runs the three lines, and prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        ensure!(
            self.workers > 0 && self.slots.is_multiple_of(self.workers),
            "the workers cannot share the slots evenly"
        );
        let Self { durations, slots, windows, flood, seed, .. } = self;
        let load = Arc::new(Load::draw(Size { durations, slots, windows, flood, seed }));
        let began = Instant::now();
        let queue = self.in_queue(&load).await?;
        let took = began.elapsed();
        let fifo = simulate(&load, slots, self.workers, &mut Fifo::default()).await?;
        let known = simulate(&load, slots, self.workers, &mut Known::new(Arc::clone(&load))).await?;
        if let Some(path) = &self.series {
            let series = json!({"queue": series(&queue), "fifo": series(&fifo), "known": series(&known)});
            std::fs::write(path, series.to_string())
                .with_context(|| format!("failed to write {}", path.display()))?;
        }
        crate::say(&json!({
            "bench": "fairness", "time": "simulated",
            "durations": durations.to_possible_value().map(|value| value.get_name().to_owned()),
            "slots": slots, "window_seconds": load.window.as_secs(), "asked": load.asked.len(),
            "queue": judge(&queue), "fifo": judge(&fifo), "known_costs": judge(&known),
            "took_seconds": took.as_secs(),
        }));
        Ok(ExitCode::SUCCESS)
    }

    async fn in_queue(&self, load: &Arc<Load>) -> Result<Story> {
        // Nobody measures how long a simulation waits for its disk.
        let server = Server {
            database_url: format!("{}?options=-csynchronous_commit%3Doff", self.server.database_url),
            ..self.server
        };
        let place = Place::with(&server, vec![Box::new(Sleeper { happened: None })]).await?;
        let clock = Clock::replace(&server.database_url).await?;
        let limits = load.members.iter().map(|member| member.limits());
        let tenants = place.tenants_with(limits).await?;
        let mut line = InQueue::open(&place, clock, Arc::clone(load), tenants, self.workers).await?;
        let story = simulate(load, self.slots, self.workers, &mut line).await?;
        line.close().await?;
        place.close().await;
        Ok(story)
    }
}

/// Seconds that each tenant was given from one instant of the picture to the next.
fn series(story: &Story) -> Value {
    let step = story.load.until / BUCKETS;
    let buckets: Vec<Vec<f64>> =
        (0..BUCKETS).map(|bucket| story.consumed(step * bucket, step * (bucket + 1))).collect();
    let members = story.load.members.iter();
    json!({
        "step_seconds": step.as_secs_f64(),
        "window_seconds": story.load.window.as_secs_f64(),
        "tenants": members.map(|member| json!({"weight": member.weight, "part": member.part.word()})).collect::<Vec<_>>(),
        "buckets": buckets,
    })
}
