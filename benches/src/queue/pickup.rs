//! How soon does a job begin on an idle queue? From before its submit to the first line of its kind.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use esteira_engine::worker::Worker;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::place::{Place, Server, submission};

/// How often it is looked.
#[derive(Debug, Args)]
pub struct Pickup {
    #[command(flatten)]
    server: Server,
    /// Jobs, one after another
    #[arg(long, default_value_t = 120)]
    samples: u32,
}

impl Pickup {
    /// Submits now and then, and prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        let (began, mut begun) = mpsc::unbounded_channel();
        let place = Place::open(&self.server, Some(began)).await?;
        let tenant = place.tenants(1).await?.pop().ok_or_else(|| anyhow!("one tenant was made"))?;
        let stop = CancellationToken::new();
        let worker = Worker::start(place.engine.clone(), place.worker_options(10)).await?;
        let worker = tokio::spawn(worker.run(stop.clone()));
        sleep(Duration::from_secs(1)).await;

        let mut millis = Vec::new();
        for sample in 0..self.samples {
            let asked = Instant::now();
            place.engine.submit(&tenant, &submission()).await?;
            let began = begun.recv().await.context("the worker ended")?;
            millis.push((began - asked).as_secs_f64() * 1e3);
            // The same distances as in the peers' measurement.
            sleep(Duration::from_millis(u64::from(20 + sample * 7 % 13))).await;
        }
        stop.cancel();
        worker.await?;
        place.close().await;
        crate::say(
            &json!({"bench": "pickup", "samples": self.samples, "millis": crate::start::summary(millis)}),
        );
        Ok(ExitCode::SUCCESS)
    }
}
