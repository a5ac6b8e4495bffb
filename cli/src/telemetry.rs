//! Where does the log go, and in which form? To standard error, as the settings say.

use std::io::{self, IsTerminal};

use anyhow::{Context, Result};
use esteira_engine::config::{LogConfig, LogFormat};
use tracing_subscriber::EnvFilter;

/// Starts logging for a role that serves. The client commands print, and do not log.
pub fn start(config: &LogConfig) -> Result<()> {
    let filter = EnvFilter::try_new(&config.level).context("setting log.level")?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match config.format {
        LogFormat::Text => log.with_target(false).with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("failed to start the log: {error}"))
}
