//! `esteira api`: the HTTP API alone, on a database and a bucket that are there.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::options::{SettingsOptions, parse_address};
use crate::{serve, telemetry};

/// Serve the HTTP API until SIGTERM. `esteira migrate` goes before it.
#[derive(Debug, Args)]
pub struct Api {
    /// Address and port [default: setting api.listen, 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", value_parser = parse_address)]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    settings: SettingsOptions,
}

impl Api {
    /// Serves until a signal.
    pub fn run(self) -> Result<ExitCode> {
        serve::to_the_end(self.serve())
    }

    async fn serve(self) -> Result<ExitCode> {
        let config = self.settings.sources()?.load()?;
        let _telemetry = telemetry::start(&config)?;
        let stop = serve::on_signal()?;
        let options = serve::api_options(&config)?;
        let listener = serve::listen(self.listen.unwrap_or(config.api.listen)).await?;
        let metrics = serve::Metrics::listen(&config).await?;
        let engine = serve::open_engine(&config, config.database.pool_size).await?;
        serve::check_api(&engine).await?;
        tracing::info!(address = %listener.local_addr()?, "api ready");
        serve::beside(metrics, &engine, &config, serve::run_api(engine.clone(), options, listener, stop))
            .await;
        engine.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
