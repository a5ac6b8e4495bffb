//! What do tenants cost? Made one after another, then brought to new versions: at once, killed and resumed, with one
//! that is broken.

pub mod run;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::migrate::{TENANT_MIGRATIONS, newest};
use esteira_engine::tenant::{LimitsChange, migrate_all};
use serde_json::{Value, json};

use super::backends::own_peak_kib;
use super::peak::{LookOut, Peak};
use super::place::{Place, Server};
use super::psql::Superuser;
use run::options;

/// How many tenants.
#[derive(Debug, Args)]
pub struct Tenants {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    superuser: Superuser,
    /// Tenants that are made
    #[arg(long, default_value_t = 1_000)]
    tenants: usize,
    /// Connections of a migration
    #[arg(long, default_value_t = 4)]
    migrate_connections: usize,
}

impl Tenants {
    /// Makes tenants, migrates them four times, and prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        ensure!(self.tenants >= 20, "--tenants: at least 20, so that the first ten are not the last ten");
        let place = Place::open(&self.server, None).await?;
        let look_out = LookOut::start(self.server.postmaster);
        let provisioning = provision(&place, self.tenants).await?;
        let provision_peak = look_out.end()?;
        place.close().await;

        let db = Db::open(&DatabaseOptions::new(&self.server.database_url))?;
        let look_out = LookOut::start(self.server.postmaster);
        let together = self.migrate(&db, 1, self.migrate_connections).await?;
        let peak = look_out.end()?;
        let one_by_one = self.migrate(&db, 2, 1).await?;
        let killed = self.killed_and_resumed(&db, 3).await?;
        db.close().await;

        crate::say(&json!({
            "bench": "tenants", "tenants": self.tenants,
            "provision_ms": provisioning, "provision_peak": of_peak(provision_peak),
            "migrate_connections": self.migrate_connections,
            "migrate_s": seconds(together), "migrate_by_one_connection_s": seconds(one_by_one),
            "migrate_peak": of_peak(peak), "killed": killed,
            "client_peak_mib": own_peak_kib()? / 1024,
        }));
        Ok(ExitCode::SUCCESS)
    }

    /// Brings all tenants to a version; none may fail.
    async fn migrate(&self, db: &Db, extra: usize, connections: usize) -> Result<Duration> {
        let began = Instant::now();
        let broken = migrate_all(db, &options(extra, connections)?, &|_| {}).await?;
        let took = began.elapsed();
        ensure!(broken.is_empty(), "tenants were set aside: {broken:?}");
        ensure!(self.at(extra).await? == self.tenants, "a tenant is not of the version");
        Ok(took)
    }

    /// Breaks a tenant, kills a migrating process when it is at two fifths, and goes on from there.
    async fn killed_and_resumed(&self, db: &Db, extra: usize) -> Result<Value> {
        let in_the_way = "alter table tenant_bench_7_schema.jobs add column bench_3 text";
        self.superuser.run(in_the_way).await?;
        let kill_at = self.tenants * 2 / 5;
        let began = Instant::now();
        run::kill_at(&self.server, extra, self.migrate_connections, kill_at).await?;
        let killed_after = began.elapsed();
        let done = self.at(extra).await?;
        ensure!(done < self.tenants - 1, "the kill came too late: {done} tenants are migrated");

        let began = Instant::now();
        let broken = migrate_all(db, &options(extra, self.migrate_connections)?, &|_| {}).await?;
        let took = began.elapsed();
        ensure!(self.at(extra).await? == self.tenants - 1, "all but the broken tenant are migrated");
        let aside = broken.into_iter().map(|(slug, error)| {
            json!({"tenant": slug.as_str(), "error": format!("{:#}", anyhow::Error::new(error))})
        });
        let aside: Vec<Value> = aside.collect();
        ensure!(aside.len() == 1, "one tenant is set aside: {aside:?}");
        Ok(json!({
            "after_s": seconds(killed_after), "migrated_by_then": done, "resumed_s": seconds(took), "set_aside": aside,
        }))
    }

    /// How many tenants are of a version.
    async fn at(&self, extra: usize) -> Result<usize> {
        let version = newest(&TENANT_MIGRATIONS) + i32::try_from(extra)?;
        let sql = format!("select count(*) from esteira.tenants where schema_version = {version}");
        self.superuser.value(&sql).await?.parse().context("a count is a number")
    }
}

/// Makes tenants one after another; tells the milliseconds of the first ten, of the last ten, and of all.
async fn provision(place: &Place, count: usize) -> Result<Value> {
    let mut millis = Vec::with_capacity(count);
    for number in 0..count {
        let began = Instant::now();
        place.engine.create_tenant(&format!("bench_{number}").parse()?, &LimitsChange::default()).await?;
        millis.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let mean = |part: &[f64]| (part.iter().sum::<f64>() / part.len() as f64 * 10.0).round() / 10.0;
    let (first, last) = (mean(&millis[..10]), mean(&millis[count - 10..]));
    Ok(json!({"first_10": first, "last_10": last, "all": crate::start::summary(millis)}))
}

fn of_peak(peak: Peak) -> Value {
    json!({"connections": peak.connections, "largest_session_mib": peak.session_kib / 1024})
}

fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100.0).round() / 100.0
}
