//! What can happen to the processes of Esteira?

use std::time::Duration;

use anyhow::{Context, Result};
use rand::Rng;
use rand::rngs::StdRng;
use rustix::process::Signal;
use tokio::time::sleep;

use super::Struck;
use crate::chaos::esteira::LEASE;
use crate::chaos::service::Service;
use crate::chaos::site::Site;

/// Ten minutes, in either direction.
const CLOCKS: [&str; 2] = ["+600", "-600"];

/// Some workers are killed, and come back a little later.
pub async fn kill_workers(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let mut dead = Vec::new();
    for _ in 0..rng.random_range(1..=2) {
        let worker = site.worker(rng)?;
        // One that was drawn twice is held already.
        if let Ok(mut service) = worker.service.try_lock() {
            service.kill().await?;
            dead.push(service);
        }
    }
    site.suffer(rng).await;
    for mut service in dead {
        service.start()?;
    }
    Ok(Struck::Hit)
}

/// A worker stands still for longer than its lease, as in a paused virtual machine, and wakes up.
pub async fn stop_worker(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let service = site.worker(rng)?.service.lock().await;
    service.signal(Signal::STOP)?;
    // Long enough for the others to have noticed.
    sleep(LEASE.mul_f64(1.5) + site.spell(rng)).await;
    service.signal(Signal::CONT)?;
    Ok(Struck::Hit)
}

/// A deploy: one worker after another ends in order and is started again.
pub async fn roll_workers(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    for worker in &site.esteira.workers {
        restart(site, &mut *worker.service.lock().await).await?;
        sleep(Duration::from_millis(rng.random_range(0..1_000))).await;
    }
    Ok(Struck::Hit)
}

/// A worker runs for a while with its calendar ten minutes off.
pub async fn set_clock_off(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let worker = site.worker(rng)?;
    let clock = CLOCKS.get(rng.random_range(0..CLOCKS.len())).copied();
    let mut service = worker.service.lock().await;
    if !service.set_clock(clock) {
        return Ok(Struck::Skipped("libfaketime is not installed"));
    }
    restart(site, &mut service).await?;
    drop(service);
    sleep(2 * site.spell(rng)).await;
    let mut service = worker.service.lock().await;
    service.set_clock(None);
    restart(site, &mut service).await?;
    Ok(Struck::Hit)
}

/// The disk of a worker's work directories has no room left.
pub async fn fill_work_disk(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let disk = site.worker(rng)?.disk.as_ref().context("a worker has a disk")?;
    if !disk.is_mounted() {
        return Ok(Struck::Skipped("no disk can be mounted"));
    }
    disk.fill()?;
    site.suffer(rng).await;
    disk.free()?;
    Ok(Struck::Hit)
}

/// The API is killed in the middle of its requests.
pub async fn kill_api(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let mut service = site.esteira.api.service.lock().await;
    service.kill().await?;
    sleep(Duration::from_millis(rng.random_range(0..2_000))).await;
    service.start()?;
    Ok(Struck::Hit)
}

/// The API ends in order and is started again.
pub async fn restart_api(site: &Site) -> Result<Struck> {
    restart(site, &mut *site.esteira.api.service.lock().await).await?;
    Ok(Struck::Hit)
}

async fn restart(site: &Site, service: &mut Service) -> Result<()> {
    if let Some(wrong) = service.terminate().await? {
        site.tally.lock().complain(wrong);
    }
    service.start()
}
