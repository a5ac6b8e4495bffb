//! Who offers the jobs? Tenants in turn at a steady rate, and one that asks now and then how long a job takes.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use esteira_engine::Engine;
use esteira_engine::tenant::{LimitsChange, Tenant};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::queue::place::{Place, submission};

/// Between two bulks.
const TICK: Duration = Duration::from_millis(20);
/// Between two probes.
const PAUSE: Duration = Duration::from_millis(100);

/// What is under way.
pub struct Load {
    counts: Arc<Counts>,
    probes: Arc<Mutex<Vec<f64>>>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<Result<()>>>,
}

#[derive(Default)]
struct Counts {
    offered: AtomicU64,
    probed: AtomicU64,
    begun: AtomicU64,
}

impl Load {
    /// Begins to offer; ends when it is asked to, or with the worker.
    pub async fn start(
        place: &Place,
        tenants: Vec<Tenant>,
        rate: u32,
        begun: mpsc::UnboundedReceiver<Instant>,
        worker: CancellationToken,
    ) -> Result<Self> {
        let probing = place.engine.create_tenant(&"probe".parse()?, &LimitsChange::default()).await?;
        let stop = worker.child_token();
        let (counts, probes) = (Arc::<Counts>::default(), Arc::default());
        let tasks = vec![
            tokio::spawn(offer(place.engine.clone(), tenants, rate, Arc::clone(&counts), stop.clone())),
            tokio::spawn(count(begun, Arc::clone(&counts))),
            tokio::spawn(probe(
                place.engine.clone(),
                probing,
                Arc::clone(&counts),
                Arc::clone(&probes),
                stop.clone(),
            )),
        ];
        Ok(Self { counts, probes, stop, tasks })
    }

    /// Jobs that were submitted, probes included, and that began, so far.
    pub fn counts(&self) -> (u64, u64) {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (of(&self.counts.offered) + of(&self.counts.probed), of(&self.counts.begun))
    }

    /// The milliseconds from a submit to its end, of the probes since the last time.
    pub async fn probes(&self) -> Vec<f64> {
        mem::take(&mut *self.probes.lock().await)
    }

    /// Whether somebody who should be at work has ended.
    pub fn is_broken(&self) -> bool {
        self.tasks.iter().any(JoinHandle::is_finished)
    }

    /// Stops, and tells how many jobs were offered in all.
    pub async fn stop(mut self) -> Result<u64> {
        self.stop.cancel();
        // The one that counts ends with the worker, and has nothing to tell.
        let counting = self.tasks.remove(1);
        counting.abort();
        for task in self.tasks {
            task.await??;
        }
        Ok(self.counts.offered.load(Ordering::Relaxed))
    }
}

/// Offers at a rate, whatever becomes of the jobs.
async fn offer(
    engine: Engine,
    tenants: Vec<Tenant>,
    rate: u32,
    counts: Arc<Counts>,
    stop: CancellationToken,
) -> Result<()> {
    let began = Instant::now();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for tenant in tenants.iter().cycle() {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return Ok(()),
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of jobs")]
        let due = (began.elapsed().as_secs_f64() * f64::from(rate)) as u64;
        let owed = due.saturating_sub(counts.offered.load(Ordering::Relaxed));
        if owed > 0 {
            let bulk = vec![submission(); usize::try_from(owed)?.min(1_000)];
            engine
                .submit_all(tenant, &bulk)
                .await
                .map_err(|(_, error)| error)
                .context("a bulk was refused")?;
            counts.offered.fetch_add(bulk.len() as u64, Ordering::Relaxed);
        }
    }
    Ok(())
}

async fn count(mut begun: mpsc::UnboundedReceiver<Instant>, counts: Arc<Counts>) -> Result<()> {
    while begun.recv().await.is_some() {
        counts.begun.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Submits a job, waits for its end, and again.
async fn probe(
    engine: Engine,
    tenant: Tenant,
    counts: Arc<Counts>,
    probes: Arc<Mutex<Vec<f64>>>,
    stop: CancellationToken,
) -> Result<()> {
    while !stop.is_cancelled() {
        let asked = Instant::now();
        let job = engine.submit(&tenant, &submission()).await?.job;
        counts.probed.fetch_add(1, Ordering::Relaxed);
        let job = engine.wait(&tenant, job, Duration::from_secs(60)).await?.context("the job is gone")?;
        // What is not over after a minute took a minute at least.
        drop(job);
        probes.lock().await.push(asked.elapsed().as_secs_f64() * 1e3);
        tokio::select! {
            () = sleep(PAUSE) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}
