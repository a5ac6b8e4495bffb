//! What does a child cost the processors? Attempts that do nothing, in forked children and in executed ones.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use esteira_engine::child::protocol::Assignment;
use esteira_engine::child::{AttemptDirs, ChildPool, Ended, Limits, PoolConfig, supervise};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::clock::CLOCK;
use crate::queue::used::cpu_seconds_of_family;

/// No attempt of this measurement takes so long.
const LONG: Duration = Duration::from_secs(60);

/// Milliseconds of CPU an attempt, of all processes: the child, the one it was forked from, and the worker.
pub async fn measure(attempts: u16) -> Result<Value> {
    let executed = series(attempts, false).await?;
    let forked = series(attempts, true).await?;
    let rounded = |millis: f64| (millis * 100.0).round() / 100.0;
    Ok(json!({"executed": rounded(executed), "forked": rounded(forked)}))
}

/// Runs `attempts` one after another. One spare is ready before the first and after the last of them.
async fn series(attempts: u16, template: bool) -> Result<f64> {
    let dir = tempfile::tempdir()?;
    let dirs = AttemptDirs::open(dir.path())?;
    let pool = ChildPool::start(PoolConfig { template, ..PoolConfig::default() })?;
    pool.warm().await;
    ensure!(pool.template().await.is_some() == template, "no template serves");
    let me = std::process::id();
    let before = cpu_seconds_of_family(me)?;
    for _ in 0..attempts {
        attempt(&pool, &dirs).await?;
    }
    pool.warm().await;
    Ok((cpu_seconds_of_family(me)? - before) * 1e3 / f64::from(attempts))
}

async fn attempt(pool: &ChildPool, dirs: &AttemptDirs) -> Result<()> {
    let dir = dirs.create()?;
    let info = crate::manual::of(CLOCK, "Clock", "Tells when it began.");
    let assignment = Assignment {
        kind: CLOCK.to_owned(),
        input: json!({}),
        settings: json!({}),
        work_dir: PathBuf::from(dir.path()),
        files: BTreeMap::new(),
        file_names: BTreeMap::new(),
        checkpoints: None,
        resources: info.resources,
        parallelism: 1,
    };
    let limits = Limits { deadline: LONG, stall: LONG, grace: Limits::GRACE };
    let child = pool.take().await?;
    let ending = supervise(child, &assignment, limits, &CancellationToken::new(), |_| {}).await;
    ensure!(
        matches!(ending.ended, Ended::Done { .. }),
        "an attempt ended {:?}: {}",
        ending.ended,
        ending.stderr
    );
    Ok(())
}
