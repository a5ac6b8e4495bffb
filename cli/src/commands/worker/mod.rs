//! `esteira worker`: the hands alone, on a database and a bucket that are there; and how an operator sees to them.

mod service;

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::options::{SettingsOptions, parse_concurrency};
use crate::{serve, telemetry};
use service::Verb;

/// Claim jobs and run them until SIGTERM (`esteira migrate` goes before it); or see to the workers that do.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Worker {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    role: Role,
}

#[derive(Debug, Args)]
struct Role {
    /// Jobs of a kind at once; may be repeated, 0 leaves a kind to others [default: the settings]
    #[arg(long, value_name = "KIND=N", value_parser = parse_concurrency)]
    concurrency: Vec<(String, usize)>,
    #[command(flatten)]
    settings: SettingsOptions,
}

impl Worker {
    /// Works until a signal, or does what the verb says.
    pub fn run(self) -> Result<ExitCode> {
        match self.verb {
            Some(verb) => verb.run(),
            None => serve::to_the_end(self.role.serve()),
        }
    }
}

impl Role {
    async fn serve(self) -> Result<ExitCode> {
        let mut config = self.settings.sources()?.load()?;
        let _telemetry = telemetry::start(&config)?;
        config.worker.concurrency.extend(self.concurrency);
        let stop = serve::on_signal()?;
        let metrics = serve::Metrics::listen(&config).await?;
        let engine = serve::open_engine(&config, config.database.pool_size).await?;
        serve::beside(metrics, &engine, &config, serve::run_worker(engine.clone(), &config, stop)).await?;
        engine.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
