//! `esteira migrate`: how does the database come to this version? Control schema, then every tenant.

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use esteira_engine::Engine;
use esteira_engine::artifact::Unmarked;
use esteira_engine::config::Config;
use esteira_engine::migrate::MigrateError;
use esteira_engine::tenant::{AccessError, MigrateProgress, Scope, Slug};

use super::options::SettingsOptions;
use crate::{out, serve, telemetry};

/// Bring the database to this version; harmless when it is there already.
///
/// Tenants are migrated several at a time (setting migrate.connections), each in a transaction of its own. Stopped in
/// the middle, the next run goes on with those that are left. A tenant that cannot be migrated is set aside and named
/// at the end, and the exit code is 1.
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
        let _telemetry = telemetry::start(&config)?;
        let engine = serve::open_engine(&config, config.database.pool_size).await?;
        let unmarked = if self.take_bucket { Unmarked::Take } else { Unmarked::TakeIfEmpty };
        let broken = migrate(&engine, &config, unmarked).await?;
        let hint = hint(&engine).await?;
        engine.close().await;
        if let Some(hint) = hint {
            out::note(hint);
        }
        if broken.is_empty() {
            out::note("the database is up to date");
            return Ok(ExitCode::SUCCESS);
        }
        let count = broken.len();
        for (slug, error) in broken {
            out::note(format_args!("set aside: {slug}: {:#}", anyhow::Error::new(error)));
        }
        out::note(format_args!(
            "tenants set aside: {count}; mend what stands above and run `esteira migrate` again"
        ));
        Ok(ExitCode::FAILURE)
    }
}

/// Migrates, tells how far it is, makes the operator's key good, and gives the tenants that were set aside.
pub async fn migrate(
    engine: &Engine,
    config: &Config,
    unmarked: Unmarked,
) -> Result<Vec<(Slug, MigrateError)>> {
    let teller = Teller::default();
    let broken = engine
        .migrate_with(&serve::migrate_options(config), unmarked, &|progress| teller.tell(progress))
        .await
        .context("failed to migrate the database")?;
    if let Some(key) = &config.operator_key {
        engine.ensure_key(None, "from the settings", &[Scope::Operator], key.expose()).await?;
        match engine.authenticate(key.expose()).await {
            Err(AccessError::Refused) => bail!("the key of ESTEIRA_OPERATOR_KEY was revoked: draw another"),
            answer => drop(answer?),
        }
    }
    Ok(broken)
}

/// Tells how far it is: once a second, and at the end.
#[derive(Default)]
struct Teller(Mutex<Option<Instant>>);

impl Teller {
    fn tell(&self, progress: MigrateProgress) {
        // A panic elsewhere while it was held: then there are other things to tell.
        let Ok(mut last) = self.0.lock() else { return };
        let now = Instant::now();
        let began = *last.get_or_insert(now);
        if is_over(progress) || now - began >= Duration::from_secs(1) {
            *last = Some(now);
            out::note(sentence(progress));
        }
    }
}

fn is_over(progress: MigrateProgress) -> bool {
    progress.migrated + progress.set_aside >= progress.total
}

fn sentence(progress: MigrateProgress) -> String {
    let MigrateProgress { total, migrated, set_aside } = progress;
    let aside = if set_aside == 0 { String::new() } else { format!(", {set_aside} set aside") };
    format!("tenants migrated: {migrated} of {total}{aside}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_names_what_was_set_aside_if_anything_was() {
        let mut progress = MigrateProgress { total: 1_000, migrated: 412, set_aside: 0 };
        assert_eq!(sentence(progress), "tenants migrated: 412 of 1000");
        progress.set_aside = 1;
        assert_eq!(sentence(progress), "tenants migrated: 412 of 1000, 1 set aside");
        assert!(!is_over(progress) && is_over(MigrateProgress { migrated: 999, ..progress }));
    }
}
