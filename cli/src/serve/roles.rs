//! What runs in this process? The door, the hands, or both; until the token says stop.

use anyhow::Result;
use esteira_api::{ApiState, serve};
use esteira_engine::Engine;
use esteira_engine::config::Config;
use esteira_engine::worker::Worker;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::parts::{api_options, worker_options};

/// Serves the API.
pub async fn run_api(engine: Engine, config: &Config, listener: TcpListener, stop: CancellationToken) {
    serve(listener, ApiState::new(engine, api_options(config)), stop.cancelled_owned()).await;
}

/// Claims and runs jobs.
pub async fn run_worker(engine: Engine, config: &Config, stop: CancellationToken) -> Result<()> {
    start_worker(engine, config).await?.run(stop).await;
    Ok(())
}

/// Does both, and calls `ready` once both can.
pub async fn run_both(
    engine: Engine,
    config: &Config,
    listener: TcpListener,
    stop: CancellationToken,
    ready: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let worker = start_worker(engine.clone(), config).await?;
    ready()?;
    tokio::join!(run_api(engine, config, listener, stop.clone()), worker.run(stop.clone()));
    Ok(())
}

async fn start_worker(engine: Engine, config: &Config) -> Result<Worker> {
    let options = worker_options(config, engine.catalog())?;
    Ok(Worker::start(engine, options).await?)
}
