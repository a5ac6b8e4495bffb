//! How does a run go? Start everything, give it work and faults, let it come to rest, and settle up.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use parking_lot::Mutex as Lock;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::accounting::{Books, check_bucket, settle_up};
use super::client::Client;
use super::cluster::Cluster;
use super::drain::wait_until_empty;
use super::esteira::{Esteira, WORKERS};
use super::faults::Fault;
use super::ledger::Ledger;
use super::load::Load;
use super::objects::Objects;
use super::schedule::{Strikes, strike_all};
use super::site::Site;
use super::tally::Tally;

/// Faults last longer from this length of a run on.
const LONG_RUN_MINUTES: f64 = 10.0;
const LONG_RUN_HARSHNESS: f64 = 4.0;

/// Shoot at everything while jobs run, and account for each of them.
#[derive(Debug, Args)]
pub struct Chaos {
    /// How long faults strike
    #[arg(long, default_value_t = 15.0)]
    minutes: f64,
    /// The same in hours
    #[arg(long, conflicts_with = "minutes")]
    hours: Option<f64>,
    /// Jobs in all [default: 667 a minute, which is 10,000 in 15 minutes]
    #[arg(long)]
    jobs: Option<u64>,
    #[arg(long, default_value_t = 20)]
    tenants: u64,
    /// From which the jobs and the order of the faults follow [default: by the clock]
    #[arg(long)]
    seed: Option<u64>,
    /// Only these faults, by their names in the report
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Fault>,
    /// `esteira` with the kind of this measurement
    #[arg(long)]
    program: PathBuf,
    /// An empty folder of this run's own, on a disk that takes what the servers write
    #[arg(long)]
    dir: PathBuf,
}

/// What a run found out.
struct Findings {
    strikes: Strikes,
    books: Books,
    drained_in: Duration,
}

impl Chaos {
    /// Runs, and prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::select! {
            done = self.run() => done,
            // Everything that was started ends with what holds it.
            _ = terminate.recv() => bail!("stopped by SIGTERM"),
            _ = interrupt.recv() => bail!("stopped by Ctrl-C"),
        }
    }

    async fn run(&self) -> Result<ExitCode> {
        let minutes = self.hours.map_or(self.minutes, |hours| hours * 60.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of jobs")]
        let jobs = self.jobs.unwrap_or((minutes * 10_000.0 / 15.0).ceil() as u64);
        let seed = self.seed.unwrap_or_else(rand::random);
        let harshness = if minutes < LONG_RUN_MINUTES { 1.0 } else { LONG_RUN_HARSHNESS };
        crate::tell(&format!("seed {seed}, {jobs} jobs of {} tenants, {minutes} minutes", self.tenants));

        let site = open(&self.dir, &self.program, harshness).await?;
        let over = Duration::from_secs_f64(minutes * 60.0);
        let load =
            Load { seed, jobs, over, ledger: Arc::new(Ledger::default()), tally: Arc::clone(&site.tally) };
        let found = tokio::select! {
            found = self.shoot(&site, &load) => found?,
            broken = site.esteira.supervise(Arc::clone(&site.tally)) => bail!("supervision ended: {broken:?}"),
        };
        let complaints = site.tally.lock().complaints();
        for complaint in &complaints {
            crate::tell(complaint);
        }
        let passed = complaints.is_empty();
        crate::say(&report(&site, &load, self.tenants, minutes, &found, &complaints));
        site.objects.stop().await;
        site.cluster.into_inner().stop().await?;
        Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn shoot(&self, site: &Site, load: &Load) -> Result<Findings> {
        site.esteira.wait_until_ready().await?;
        let tenants = make_tenants(site, self.tenants).await?;
        let clients: Vec<Client> = tenants.iter().map(|(_, client)| client.clone()).collect();
        let until = Instant::now() + load.over;
        let (strikes, submitted) =
            tokio::join!(strike_all(site, load.seed, until, &self.only), load.submit_all(&clients));
        let strikes = strikes?;
        submitted?;
        crate::tell("peace");
        let drained_in = wait_until_empty(&*site.cluster.lock().await, &tenants).await?;
        crate::tell("every job is over; settling up");
        let mut books = settle_up(site, load, &tenants).await?;
        for wrong in site.esteira.stop().await? {
            site.tally.lock().complain(wrong);
        }
        let slugs: Vec<String> = tenants.into_iter().map(|(slug, _)| slug).collect();
        check_bucket(site, &slugs, &mut books).await?;
        Ok(Findings { strikes, books, drained_in })
    }
}

async fn open(dir: &Path, program: &Path, harshness: f64) -> Result<Site> {
    let cluster = Cluster::start(dir).await?;
    let objects = Objects::start(dir).await?;
    let esteira = Esteira::start(dir, program, cluster.address(), &objects).await?;
    let tally = Arc::new(Lock::new(Tally::default()));
    Ok(Site { cluster: Mutex::new(cluster), objects, esteira, tally, harshness })
}

/// Tenants by their slugs, each with a caller that has a key of its own.
async fn make_tenants(site: &Site, count: u64) -> Result<Vec<(String, Client)>> {
    let operator = Client::new(&site.esteira.url, &site.esteira.operator_key, Arc::clone(&site.tally));
    let mut tenants = Vec::new();
    for number in 0..count {
        let slug = format!("chaos_{number}");
        operator.post("/v1/tenants", &json!({"slug": slug})).await?;
        let wish = json!({"name": "chaos", "scopes": ["jobs:read", "jobs:write"]});
        let made = operator.post(&format!("/v1/tenants/{slug}/keys"), &wish).await?;
        let key = made.get("key").and_then(Value::as_str).context("a new key is shown")?;
        tenants.push((slug, operator.with_key(key)));
    }
    Ok(tenants)
}

fn report(
    site: &Site,
    load: &Load,
    tenants: u64,
    minutes: f64,
    found: &Findings,
    complaints: &[String],
) -> Value {
    let tally = site.tally.lock();
    let Findings { strikes, books, drained_in } = found;
    json!({
        "bench": "chaos", "passed": complaints.is_empty(), "seed": load.seed, "minutes": minutes,
        "jobs": load.jobs, "tenants": tenants, "workers": WORKERS,
        "faults": strikes.survived.values().sum::<u64>(),
        "faults_survived": strikes.survived, "faults_skipped": strikes.skipped,
        "states": books.states, "refused_for_want_of_a_file": books.refused, "worn_out": books.worn_out, "attempts_crashed": books.attempts_crashed,
        "submits_without_answer": tally.lost_submits, "submitted_again": books.submitted_again,
        "calls_without_answer": tally.unanswered, "answers_503": tally.unavailable,
        "files_checked": books.files, "orphans": books.orphans, "orphans_swept": books.swept,
        "drained_in_seconds": drained_in.as_secs(), "complaints": complaints,
    })
}
