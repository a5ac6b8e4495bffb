//! `esteira search reindex`: how is a search server filled anew? It is asked for in the database; whoever leads does it,
//! a worker or, where none does, this process.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use esteira_engine::Engine;
use esteira_engine::document::sink::{Rebuild, Sink};
use esteira_engine::id::WorkerId;
use tokio::time::sleep;

use super::super::options::SettingsOptions;
use crate::{out, serve, telemetry};

/// Connections that it needs.
const CONNECTIONS: u32 = 3;
/// For how long this process leads when it does.
const LEASE: Duration = Duration::from_secs(10);
/// How often it looks how far others are.
const LOOK: Duration = Duration::from_millis(500);
/// A tenant that failed so often is not waited for.
const TRIES: i32 = 3;

/// Asks for indices to be built anew, and waits until they are.
#[tokio::main(flavor = "current_thread")]
pub async fn reindex(settings: &SettingsOptions, slug: Option<&str>, wait: bool) -> Result<ExitCode> {
    let config = settings.sources()?.load()?;
    let _telemetry = telemetry::start(&config)?;
    let options =
        config.search.sink()?.context("setting search.opensearch_url: there is no search server")?;
    let engine = serve::open_engine(&config, CONNECTIONS).await?;
    let tenant = match slug {
        Some(slug) => {
            Some(engine.tenant(slug).await?.with_context(|| format!("there is no tenant named {slug}"))?)
        }
        None => None,
    };
    let count = engine.ask_search_rebuild(tenant.as_ref()).await?;
    out::note(format_args!("asked for the index of {count} tenants to be built anew"));
    if wait {
        let sink = engine.search_sink(options)?;
        let built = until_built(&engine, &sink, slug).await;
        engine.close().await;
        built?;
        out::note("built");
    }
    Ok(ExitCode::SUCCESS)
}

async fn until_built(engine: &Engine, sink: &Sink, slug: Option<&str>) -> Result<()> {
    let holder = WorkerId::new();
    let built = steps(engine, sink, holder, slug).await;
    sink.step_down(holder, LEASE).await;
    built
}

async fn steps(engine: &Engine, sink: &Sink, holder: WorkerId, slug: Option<&str>) -> Result<()> {
    loop {
        let mut left = engine.search_rebuilds().await?;
        left.retain(|rebuild| slug.is_none_or(|slug| rebuild.slug == slug));
        let Some(Rebuild { slug, failure, .. }) = left.iter().max_by_key(|rebuild| rebuild.tries) else {
            return Ok(());
        };
        if left.iter().all(|rebuild| rebuild.tries >= TRIES) {
            let why = failure.as_deref().unwrap_or("it is not known why");
            bail!("the index of {slug} is not built yet, and the workers go on trying: {why}");
        }
        match sink.step(holder, LEASE).await.context("failed to tell the search server")? {
            Some(true) => {}
            Some(false) | None => sleep(LOOK).await,
        }
    }
}

/// Notes nothing more.
#[tokio::main(flavor = "current_thread")]
pub async fn stop(settings: &SettingsOptions) -> Result<ExitCode> {
    let config = settings.sources()?.load()?;
    let _telemetry = telemetry::start(&config)?;
    let engine = serve::open_engine(&config, CONNECTIONS).await?;
    let stopped = engine.stop_search_sink().await;
    engine.close().await;
    stopped?;
    out::note("nothing is noted for a search server any more; its indices are yours to delete");
    Ok(ExitCode::SUCCESS)
}
