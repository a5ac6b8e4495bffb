//! How fast are jobs taken? One by one by one caller, by eight at once, and in bulks of 1,000.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use clap::Args;
use serde_json::json;

use super::place::{Place, Server, submission};
use super::used::Reading;

/// What is submitted.
#[derive(Debug, Args)]
pub struct Submit {
    #[command(flatten)]
    server: Server,
    /// Jobs of each caller that submits one by one
    #[arg(long, default_value_t = 2_000)]
    single: usize,
    /// Callers at once
    #[arg(long, default_value_t = 8)]
    callers: usize,
    /// Jobs that are submitted in bulks
    #[arg(long, default_value_t = 20_000)]
    bulk: usize,
}

impl Submit {
    /// Submits, and prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        let place = Place::open(&self.server, None).await?;
        let tenant = place.tenants(1).await?.pop().ok_or_else(|| anyhow!("one tenant was made"))?;
        let tenant = Arc::new(tenant);
        let reading = || Reading::take(self.server.postmaster);

        let start = reading()?;
        for _ in 0..self.single {
            place.engine.submit(&tenant, &submission()).await?;
        }
        let alone = start.until(&reading()?);

        let start = reading()?;
        let callers: Vec<_> = (0..self.callers)
            .map(|_| {
                let (engine, tenant, jobs) = (place.engine.clone(), Arc::clone(&tenant), self.single);
                tokio::spawn(async move {
                    for _ in 0..jobs {
                        engine.submit(&tenant, &submission()).await?;
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        for caller in callers {
            caller.await??;
        }
        let at_once = start.until(&reading()?);

        let start = reading()?;
        place.fill(std::slice::from_ref(&tenant), self.bulk).await?;
        let bulk = start.until(&reading()?);
        place.close().await;

        let rate = |jobs: usize, used: &super::used::Used| (jobs as f64 / used.wall.as_secs_f64()).round();
        let micros = |jobs: usize, seconds: f64| (seconds * 1e6 / jobs as f64 * 10.0).round() / 10.0;
        crate::say(&json!({
            "bench": "submit", "callers": self.callers,
            "single_per_s": rate(self.single, &alone),
            "at_once_per_s": rate(self.single * self.callers, &at_once),
            "at_once_postgres_cpu_us": micros(self.single * self.callers, at_once.postgres),
            "at_once_client_cpu_us": micros(self.single * self.callers, at_once.client),
            "bulk_per_s": rate(self.bulk, &bulk),
            "bulk_postgres_cpu_us": micros(self.bulk, bulk.postgres),
            "bulk_client_cpu_us": micros(self.bulk, bulk.client),
        }));
        Ok(ExitCode::SUCCESS)
    }
}
