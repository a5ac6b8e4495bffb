//! Where does the log go, and in which form? To standard error, as the settings say; and traces, where a collector is named,
//! to that.

use std::io::{self, IsTerminal};

use anyhow::{Context, Result};
use esteira_engine::config::{Config, LogConfig, LogFormat};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry};

use crate::traces;

/// What is told while this is kept; the last traces are sent when it goes.
#[must_use]
pub struct Telemetry(Option<SdkTracerProvider>);

/// Starts logging for a role that serves. The client commands print, and do not log.
pub fn start(config: &Config) -> Result<Telemetry> {
    let traces = traces::provider(&config.traces)?;
    let mut layers = vec![log(&config.log)?];
    if let Some(provider) = &traces {
        // Our own spans; those of libraries are many, and tell of sockets.
        let own = Targets::new().with_target("esteira", LevelFilter::INFO);
        layers.push(traces::layer(provider).with_filter(own).boxed());
    }
    tracing_subscriber::registry()
        .with(layers)
        .try_init()
        .map_err(|error| anyhow::anyhow!("failed to start the log: {error}"))?;
    Ok(Telemetry(traces))
}

fn log(config: &LogConfig) -> Result<Box<dyn Layer<Registry> + Send + Sync>> {
    let filter = EnvFilter::try_new(&config.level).context("setting log.level")?;
    let log = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    Ok(match config.format {
        LogFormat::Text => {
            log.with_target(false).with_ansi(io::stderr().is_terminal()).with_filter(filter).boxed()
        }
        LogFormat::Json => log.json().flatten_event(true).with_filter(filter).boxed(),
    })
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = self.0.take()
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}
