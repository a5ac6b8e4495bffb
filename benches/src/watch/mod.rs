//! How soon does who watches a job learn of its progress? With a thousand open streams on one process of the API.
//!
//! A worker by hand, in this process, holds a job for each stream and reports its progress once a second: from before the
//! report is written to the moment its line is read from the stream, by the clock of this process.

mod reporter;
mod watcher;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use esteira_engine::queue::Submission;
use esteira_engine::tenant::{LimitsChange, Scope};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::http::{ApiProcess, KIND, input};
use crate::queue::place::{Place, Server};
use crate::queue::used::{cpu_seconds, cpu_seconds_of_family};
use crate::start::quantile;
use reporter::Reporter;
use watcher::{Heard, Watchers};

/// By then the last progress must have come.
const PATIENCE: Duration = Duration::from_secs(30);

/// How it is watched.
#[derive(Debug, Args)]
pub struct Watch {
    #[command(flatten)]
    server: Server,
    /// The binary whose API is watched
    #[arg(long)]
    esteira: PathBuf,
    /// Open streams, each of a job of its own
    #[arg(long, default_value_t = 1_000)]
    streams: usize,
    /// Tenants whose jobs these are
    #[arg(long, default_value_t = 10)]
    tenants: usize,
    /// How often each job reports, once a second
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Seconds in which nothing happens
    #[arg(long, default_value_t = 10)]
    quiet_seconds: u64,
}

/// CPU seconds of the API process and of Postgres so far.
#[derive(Clone, Copy)]
struct Used(f64, f64);

impl Watch {
    /// Watches, and prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        let place = Place::with(&self.server, esteira_jobs::catalog()).await?;
        let limits = std::iter::repeat_n(LimitsChange::default(), self.tenants);
        let tenants = place.tenants_with(limits).await?;
        let mut variables = place.variables(&self.server);
        variables.extend([
            // All watchers are of one address here.
            ("ESTEIRA_API_MAX_CONNECTIONS_PER_PEER", "0".to_owned()),
            ("ESTEIRA_API_MAX_STREAMS", "0".to_owned()),
            ("ESTEIRA_API_MAX_STREAMS_PER_TENANT", "0".to_owned()),
            ("ESTEIRA_API_MAX_CONNECTIONS", (self.streams + 100).to_string()),
        ]);
        let api = ApiProcess::start(&self.esteira, variables).await?;
        let mut watchers = Watchers::new(api.address);
        let share = self.streams.div_ceil(self.tenants.max(1));
        for tenant in &tenants {
            let key = place.engine.create_key(Some(tenant), "bench", &[Scope::JobsRead], None).await?;
            let submission = Submission { kind: KIND.to_owned(), input: input(), ..Submission::default() };
            let bulk = vec![submission; share.min(self.streams - watchers.len())];
            let jobs = place.engine.submit_all(tenant, &bulk).await.map_err(|(_, error)| error)?;
            for job in jobs {
                watchers.open(job.job, &key.text).await?;
            }
        }
        crate::tell(&format!("{} streams are open", watchers.len()));
        let reporter = Reporter::start(&place, &tenants, watchers.len()).await?;
        let quiet = self.quiet(&api).await?;
        let measured = self.rounds(&api, &reporter, &mut watchers).await?;
        crate::say(&self.result(&measured, quiet, rss_mib(api.pid)?));
        api.stop().await?;
        place.close().await;
        Ok(ExitCode::SUCCESS)
    }

    fn used(&self, api: &ApiProcess) -> Result<Used> {
        Ok(Used(cpu_seconds(api.pid)?, cpu_seconds_of_family(self.server.postmaster)?))
    }

    /// Shares of a core that open streams cost to which nothing is told, after the news of the claims.
    async fn quiet(&self, api: &ApiProcess) -> Result<Used> {
        sleep(Duration::from_secs(3)).await;
        let before = self.used(api)?;
        sleep(Duration::from_secs(self.quiet_seconds)).await;
        let after = self.used(api)?;
        let seconds = Duration::from_secs(self.quiet_seconds).as_secs_f64();
        Ok(Used((after.0 - before.0) / seconds, (after.1 - before.1) / seconds))
    }

    async fn rounds(
        &self,
        api: &ApiProcess,
        reporter: &Reporter,
        watchers: &mut Watchers,
    ) -> Result<Measured> {
        // One round that is not counted, in which plans are made and connections opened.
        reporter.round(0, watchers.clock()).await?;
        self.collect(watchers, 0, 0, &mut Vec::new()).await?;
        let (before, began) = (self.used(api)?, Instant::now());
        let mut delays = Vec::with_capacity(self.rounds * watchers.len());
        for round in 1..=self.rounds {
            let next = Instant::now() + Duration::from_secs(1);
            reporter.round(round, watchers.clock()).await?;
            tokio::time::sleep_until(next).await;
        }
        self.collect(watchers, 1, self.rounds, &mut delays).await?;
        let (after, took) = (self.used(api)?, began.elapsed());
        delays.sort_by(f64::total_cmp);
        Ok(Measured { delays, used: Used(after.0 - before.0, after.1 - before.1), took })
    }

    /// Reads what was heard until each stream has told the progress of the last round.
    async fn collect(
        &self,
        watchers: &mut Watchers,
        first: usize,
        last: usize,
        delays: &mut Vec<f64>,
    ) -> Result<()> {
        let mut waiting = watchers.len();
        while waiting > 0 {
            let heard = timeout(PATIENCE, watchers.heard()).await;
            let Heard { round, delay } = heard.context("a stream tells nothing")??;
            ensure!(round <= last, "progress of a round that has not begun");
            if round >= first {
                delays.push(delay.as_secs_f64() * 1e3);
            }
            waiting -= usize::from(round == last);
        }
        Ok(())
    }

    fn result(&self, measured: &Measured, quiet: Used, rss_mib: f64) -> Value {
        let rounded = |value: f64| (value * 10.0).round() / 10.0;
        let heard = measured.delays.len();
        let each = |seconds: f64| rounded(seconds * 1e6 / heard.max(1) as f64);
        let quantile = |share| rounded(quantile(&measured.delays, share));
        json!({
            "bench": "watch", "streams": self.streams, "tenants": self.tenants, "rounds": self.rounds,
            "progress_written": self.rounds * self.streams, "progress_heard": heard,
            "per_s": rounded(heard as f64 / measured.took.as_secs_f64()),
            "p50_ms": quantile(0.5), "p99_ms": quantile(0.99), "max_ms": quantile(1.0),
            "api_cpu_us": each(measured.used.0), "postgres_cpu_us": each(measured.used.1),
            "quiet_api_core_percent": rounded(quiet.0 * 100.0),
            "quiet_postgres_core_percent": rounded(quiet.1 * 100.0),
            "api_rss_mib": rounded(rss_mib),
        })
    }
}

/// What was measured over all rounds.
struct Measured {
    /// Milliseconds, sorted.
    delays: Vec<f64>,
    used: Used,
    took: Duration,
}

/// Resident memory of a process.
fn rss_mib(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("a process has memory")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().context("memory is a number")?;
    Ok(kib / 1024.0)
}
