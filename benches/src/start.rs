//! How long from the claim of a job to the first line of its kind? Measured through the whole engine.
//!
//! The claim's instant is the job's `started_at`, by the database's clock; the kind tells its own first
//! instant. Both read the clock of this machine, because Postgres runs here too.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use esteira_embedded::{EmbeddedPostgres, EmbeddedS3, PostgresOptions, S3Credentials};
use esteira_engine::Engine;
use esteira_engine::artifact::{Store, StoreOptions};
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::job::{Catalog, JobState};
use esteira_engine::queue::Submission;
use esteira_engine::tenant::{LimitsChange, Tenant};
use esteira_engine::worker::{Worker, WorkerOptions};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::clock::{CLOCK, catalog};
use crate::cost;

/// With one worker slot, a job that follows at once finds the next spare still being made; so both are measured, a job
/// that finds its spare ready and one that may not.
const PAUSE: Duration = Duration::from_millis(250);

/// Runs two series of `jobs` jobs, and `attempts` attempts without an engine, and prints one JSON line.
#[tokio::main]
pub async fn measure(jobs: u16, attempts: u16) -> Result<ExitCode> {
    let cost = cost::measure(attempts).await?;
    let dir = tempfile::tempdir()?;
    let postgres = EmbeddedPostgres::start(dir.path(), PostgresOptions::default()).await?;
    let credentials = S3Credentials { access_key: "bench".to_owned(), secret_key: "bench".to_owned() };
    let s3 =
        EmbeddedS3::start(&dir.path().join("s3"), &credentials, "bench", ([127, 0, 0, 1], 0).into()).await?;
    let engine = Engine::new(
        Db::open(&DatabaseOptions::new(postgres.url()))?,
        Store::open(&store_options(&s3, credentials)).await,
        Catalog::new(catalog(), &BTreeMap::new())?,
    );
    engine.migrate().await?;
    let tenant = engine.create_tenant(&"bench".parse()?, &LimitsChange::default()).await?;

    let stop = CancellationToken::new();
    let options = WorkerOptions::new([(CLOCK.to_owned(), 1)].into(), dir.path().join("work"));
    let worker = tokio::spawn(Worker::start(engine.clone(), options).await?.run(stop.clone()));
    let paced = series(&engine, &tenant, jobs, PAUSE).await?;
    let back_to_back = series(&engine, &tenant, jobs, Duration::ZERO).await?;
    stop.cancel();
    worker.await?;
    engine.close().await;
    s3.stop().await;
    postgres.stop().await?;

    crate::say(&json!({
        "bench": "child", "jobs": jobs,
        "claim_to_kind_ms": summary(paced), "back_to_back_ms": summary(back_to_back),
        "attempts": attempts, "cpu_ms_an_attempt": cost,
    }));
    Ok(ExitCode::SUCCESS)
}

fn store_options(s3: &EmbeddedS3, credentials: S3Credentials) -> StoreOptions {
    StoreOptions {
        bucket: "bench".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: Some(s3.endpoint()),
        public_endpoint: None,
        path_style: true,
        credentials: Some((credentials.access_key, credentials.secret_key)),
        prefix: String::new(),
    }
}

/// Runs `jobs` jobs, each `pause` after the one before it has ended.
async fn series(engine: &Engine, tenant: &Tenant, jobs: u16, pause: Duration) -> Result<Vec<f64>> {
    let mut millis = Vec::new();
    for _ in 0..jobs {
        tokio::time::sleep(pause).await;
        millis.push(run_one(engine, tenant).await?);
    }
    Ok(millis)
}

/// Submits a job, waits for its end, and tells the milliseconds between its claim and its kind.
async fn run_one(engine: &Engine, tenant: &Tenant) -> Result<f64> {
    let submission = Submission { kind: CLOCK.to_owned(), input: json!({}), ..Submission::default() };
    let id = engine.submit(tenant, &submission).await?.job;
    let job = engine.wait(tenant, id, Duration::from_secs(30)).await?.context("the job is gone")?;
    ensure!(job.state == JobState::Succeeded, "a job ended {:?}: {:?}", job.state, job.error);
    let claimed = job.started_at.context("a job that ran has a start")?.timestamp_micros();
    let began = job.output.as_ref().and_then(|output| output.get("micros")).and_then(Value::as_i64);
    let micros = began.context("the kind tells its instant")? - claimed;
    Ok(Duration::from_micros(u64::try_from(micros).unwrap_or(0)).as_secs_f64() * 1e3)
}

/// Quantiles, in milliseconds.
pub fn summary(mut millis: Vec<f64>) -> Value {
    millis.sort_by(f64::total_cmp);
    let at = |share: f64| (quantile(&millis, share) * 10.0).round() / 10.0;
    json!({"p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": at(1.0)})
}

/// The value below which `share` of the sorted values lie.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a small index"
    )]
    let index = ((sorted.len().saturating_sub(1)) as f64 * share).round() as usize;
    sorted.get(index).copied().unwrap_or(f64::NAN)
}
