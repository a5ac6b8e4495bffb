//! `esteira worker`: the hands alone, on a database and a bucket that are there.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::options::{SettingsOptions, parse_concurrency};
use crate::{serve, telemetry};

/// Claim jobs and run them until SIGTERM. `esteira migrate` goes before it.
#[derive(Debug, Args)]
pub struct Worker {
    /// Jobs of a kind at once; may be repeated, 0 leaves a kind to others [default: the settings]
    #[arg(long, value_name = "KIND=N", value_parser = parse_concurrency)]
    concurrency: Vec<(String, usize)>,
    #[command(flatten)]
    settings: SettingsOptions,
}

impl Worker {
    /// Works until a signal.
    #[tokio::main]
    pub async fn run(self) -> Result<ExitCode> {
        let mut config = self.settings.sources()?.load()?;
        telemetry::start(&config.log)?;
        config.worker.concurrency.extend(self.concurrency);
        let stop = serve::on_signal()?;
        let engine = serve::open_engine(&config, config.database.pool_size).await?;
        serve::run_worker(engine.clone(), &config, stop).await?;
        engine.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
