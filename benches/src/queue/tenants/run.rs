//! Which versions are the tenants brought to? To some that only a measurement knows, by this process or by another one
//! that is killed on its way.

use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::migrate::{Migration, TENANT_MIGRATIONS, newest};
use esteira_engine::tenant::{MigrateOptions, migrate_all};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::queue::place::Server;

/// What versions after the newest bring: something that takes no time by itself.
const EXTRA: [&str; 3] = [
    "alter table jobs add column bench_1 text",
    "alter table jobs add column bench_2 text",
    "alter table jobs add column bench_3 text",
];

/// The tenants' migrations with so many more.
pub fn options(extra: usize, connections: usize) -> Result<MigrateOptions> {
    ensure!(extra <= EXTRA.len(), "there are {} more versions", EXTRA.len());
    let mut migrations = TENANT_MIGRATIONS.clone();
    for sql in EXTRA.into_iter().take(extra) {
        migrations.push(Migration { version: newest(&migrations) + 1, name: "bench", sql });
    }
    Ok(MigrateOptions { connections, migrations: migrations.into(), ..MigrateOptions::default() })
}

/// A process that migrates and tells how far it is.
#[derive(Debug, Args)]
pub struct MigrateTenants {
    #[arg(long)]
    database_url: String,
    #[arg(long)]
    extra: usize,
    #[arg(long)]
    connections: usize,
}

impl MigrateTenants {
    /// Migrates, and prints a line a tenant.
    #[tokio::main]
    pub async fn run(self) -> Result<ExitCode> {
        let db = Db::open(&DatabaseOptions::new(&self.database_url))?;
        migrate_all(&db, &options(self.extra, self.connections)?, &|progress| {
            crate::say(&json!(progress.migrated));
        })
        .await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Starts such a process and kills it once it has migrated `at` tenants.
pub async fn kill_at(server: &Server, extra: usize, connections: usize, at: usize) -> Result<()> {
    let mut process = Command::new(std::env::current_exe()?)
        .args(["migrate-tenants", "--database-url", &server.database_url])
        .args(["--extra", &extra.to_string(), "--connections", &connections.to_string()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(process.stdout.take().context("it has an output")?).lines();
    while let Some(line) = lines.next_line().await? {
        if line.parse::<usize>().context("it tells a count")? >= at {
            // SIGKILL, which nobody can prepare for.
            process.kill().await?;
            return Ok(());
        }
    }
    anyhow::bail!("the migrating process ended by itself")
}
