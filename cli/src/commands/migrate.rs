//! `esteira migrate`: how does the database come to this version? Control schema, then every tenant.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use esteira_engine::Engine;
use esteira_engine::artifact::Unmarked;
use esteira_engine::config::Config;
use esteira_engine::tenant::{AccessError, Scope};

use super::options::SettingsOptions;
use crate::{out, serve, telemetry};

/// Bring the database to this version; harmless when it is there already.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Take the bucket although objects of an Esteira lie in it: those of this very database, whose marker is gone
    #[arg(long)]
    take_bucket: bool,
    #[command(flatten)]
    settings: SettingsOptions,
}

impl Migrate {
    /// Migrates and ends.
    #[tokio::main(flavor = "current_thread")]
    pub async fn run(self) -> Result<ExitCode> {
        let config = self.settings.sources()?.load()?;
        telemetry::start(&config.log)?;
        let engine = serve::open_engine(&config, config.database.pool_size).await?;
        let unmarked = if self.take_bucket { Unmarked::Take } else { Unmarked::TakeIfEmpty };
        let broken = migrate(&engine, &config, unmarked).await?;
        let hint = hint(&engine).await?;
        engine.close().await;
        if let Some(hint) = hint {
            out::note(hint);
        }
        if broken == 0 {
            out::note("the database is up to date");
            return Ok(ExitCode::SUCCESS);
        }
        out::note(format!("{broken} tenants could not be migrated and were set aside; see the log"));
        Ok(ExitCode::FAILURE)
    }
}

/// Migrates, makes the operator's key good, and tells how many tenants were set aside.
pub async fn migrate(engine: &Engine, config: &Config, unmarked: Unmarked) -> Result<usize> {
    let broken = engine.migrate_with(unmarked).await.context("failed to migrate the database")?;
    for (slug, error) in &broken {
        tracing::error!(tenant = %slug, error = error as &dyn std::error::Error, "tenant not migrated");
    }
    if let Some(key) = &config.operator_key {
        engine.ensure_key(None, "from the settings", &[Scope::Operator], key.expose()).await?;
        match engine.authenticate(key.expose()).await {
            Err(AccessError::Refused) => bail!("the key of ESTEIRA_OPERATOR_KEY was revoked: draw another"),
            answer => drop(answer?),
        }
    }
    Ok(broken.len())
}

/// What an operator should know about the keys of operators.
async fn hint(engine: &Engine) -> Result<Option<String>> {
    Ok(match engine.valid_operator_keys().await? {
        0 => Some(
            "no operator's key is valid yet: set ESTEIRA_OPERATOR_KEY and run this again, or nobody can make tenants"
                .to_owned(),
        ),
        1 => None,
        count => Some(format!(
            "{count} operator's keys are valid; `esteira key list --operator` shows them, \
             `esteira key revoke --operator ID` ends one"
        )),
    })
}
