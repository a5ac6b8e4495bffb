//! `esteira tenant export` and `import`: how does a tenant move to another name or another Esteira?

use std::fs::File;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use esteira_engine::tenant::Slug;

use super::options::SettingsOptions;
use crate::{out, serve, telemetry};

/// Connections that one export or import needs.
const CONNECTIONS: u32 = 2;

/// Writes a tenant into a new file; what is half written goes.
#[tokio::main(flavor = "current_thread")]
pub async fn export(settings: &SettingsOptions, slug: &str, path: &Path) -> Result<ExitCode> {
    let config = settings.sources()?.load()?;
    let _telemetry = telemetry::start(&config)?;
    let engine = serve::open_engine(&config, CONNECTIONS).await?;
    let tenant = engine.tenant(slug).await?.with_context(|| format!("there is no tenant named {slug}"))?;
    let file = File::create_new(path).with_context(|| format!("failed to make {}", path.display()))?;
    let exported = engine.export_tenant(&tenant, file).await;
    engine.close().await;
    if exported.is_err() {
        // The first error is the one to tell.
        let _stays = std::fs::remove_file(path);
    }
    let manifest = exported.with_context(|| format!("failed to export {slug}"))?;
    let objects = manifest.entries.iter().filter(|entry| entry.key.is_some()).count();
    out::note(format_args!("{slug} is in {}, with {objects} objects", path.display()));
    if manifest.unfinished_jobs > 0 {
        out::note(format_args!("left out: {} jobs that are not over", manifest.unfinished_jobs));
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes a tenant of an archive.
#[tokio::main(flavor = "current_thread")]
pub async fn import(settings: &SettingsOptions, path: &Path, slug: &str) -> Result<ExitCode> {
    let slug: Slug = slug.parse()?;
    let config = settings.sources()?.load()?;
    let _telemetry = telemetry::start(&config)?;
    let engine = serve::open_engine(&config, CONNECTIONS).await?;
    let imported = engine.import_tenant(path, &slug).await;
    engine.close().await;
    imported.with_context(|| format!("failed to import {}", path.display()))?;
    out::note(format_args!(
        "tenant {slug} is there, suspended and without keys: `esteira tenant resume {slug}`, `esteira key create {slug}`"
    ));
    Ok(ExitCode::SUCCESS)
}
