//! `esteira scheduler`: the clock alone, on a database that is there.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::options::SettingsOptions;
use crate::{serve, telemetry};

/// Submit the jobs of schedules when they are due, until SIGTERM (`esteira migrate` goes before it).
///
/// Of any number that run, one does it; another takes over when that one ends or is gone.
#[derive(Debug, Args)]
pub struct Scheduler {
    #[command(flatten)]
    settings: SettingsOptions,
}

impl Scheduler {
    /// Runs until a signal.
    pub fn run(self) -> Result<ExitCode> {
        serve::to_the_end(self.serve())
    }

    async fn serve(self) -> Result<ExitCode> {
        let config = self.settings.sources()?.load()?;
        let _telemetry = telemetry::start(&config)?;
        let stop = serve::on_signal()?;
        let metrics = serve::Metrics::listen(&config).await?;
        let engine = serve::open_engine(&config, config.database.pool_size).await?;
        tracing::info!("scheduler ready");
        serve::beside(metrics, &engine, &config, serve::run_scheduler(engine.clone(), &config, stop)).await?;
        engine.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
