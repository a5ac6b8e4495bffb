//! What runs in this process? The door, the hands, the clock, or all; until the signals say stop.

use std::time::Duration;

use anyhow::Result;
use esteira_api::{ApiOptions, ApiState, serve};
use esteira_engine::config::Config;
use esteira_engine::schedule;
use esteira_engine::worker::Worker;
use esteira_engine::{Engine, UnfitError};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::parts::{api_options, schedule_options, worker_options};
use super::{Metrics, Stop, descriptors};

/// Whether the API may be served here. It is also where a database that is away or behind may come right later: the
/// API then starts, and `/readyz` says what is missing.
pub async fn check_api(engine: &Engine) -> Result<()> {
    match engine.check_fit().await {
        Err(error @ (UnfitError::Behind(_) | UnfitError::Database { .. })) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            Ok(())
        }
        answer => Ok(answer?),
    }
}

/// Serves the API. The second signal cuts off what the first let finish.
pub async fn run_api(engine: Engine, options: ApiOptions, listener: TcpListener, stop: Stop) {
    descriptors::raise();
    let serving = serve(listener, ApiState::new(engine, options), stop.in_order.cancelled_owned());
    tokio::select! {
        () = serving => {}
        () = stop.at_once.cancelled() => {}
    }
}

/// Claims and runs jobs.
pub async fn run_worker(engine: Engine, config: &Config, stop: Stop) -> Result<()> {
    engine.check_fit().await?;
    start_worker(engine, config).await?.run_with(stop.in_order, stop.at_once).await;
    Ok(())
}

/// Looks after schedules. What is being fired at the signal is fired to the end, and then the lead is given up.
pub async fn run_scheduler(engine: Engine, config: &Config, stop: Stop) -> Result<()> {
    engine.check_fit().await?;
    tokio::select! {
        () = schedule::run(engine, schedule_options(config), stop.in_order.clone()) => {}
        () = stop.at_once.cancelled() => {}
    }
    Ok(())
}

/// Lets a process do its work, and tells its metrics to the end of that.
pub async fn beside<T>(
    metrics: Metrics,
    engine: &Engine,
    config: &Config,
    work: impl Future<Output = T>,
) -> T {
    let stop = CancellationToken::new();
    let working = async {
        let done = work.await;
        stop.cancel();
        done
    };
    tokio::join!(working, metrics.run(engine.clone(), config, stop.clone())).0
}

/// Does all of it, and calls `ready` once all can.
pub async fn run_all(
    engine: Engine,
    config: &Config,
    listener: TcpListener,
    metrics: Metrics,
    stop: Stop,
    ready: impl FnOnce() -> Result<()>,
) -> Result<()> {
    // No load balancer stands before everything in one process, so nobody has to see it drain.
    let options = ApiOptions { drain: Duration::ZERO, ..api_options(config)? };
    let worker = start_worker(engine.clone(), config).await?;
    ready()?;
    let told = beside(metrics, &engine, config, async {
        let working = worker.run_with(stop.in_order.clone(), stop.at_once.clone());
        let scheduling = run_scheduler(engine.clone(), config, stop.clone());
        let api = run_api(engine.clone(), options, listener, stop);
        let ((), (), scheduled) = tokio::join!(api, working, scheduling);
        scheduled
    });
    told.await
}

async fn start_worker(engine: Engine, config: &Config) -> Result<Worker> {
    let options = worker_options(config, engine.catalog())?;
    Ok(Worker::start(engine, options).await?)
}
