//! What can go wrong between a process and Postgres?

use std::time::Duration;

use anyhow::Result;
use rand::Rng;
use rand::rngs::StdRng;
use tokio::time::sleep;

use super::Struck;
use crate::chaos::esteira::{LEASE, Member};
use crate::chaos::proxy::Mode;
use crate::chaos::site::Site;

/// The server does what it is told, and nobody hears of it; then the connections are gone. Commits whose answer is
/// lost are the hardest thing that a network does.
pub async fn lose_answers(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    for _ in 0..3 {
        for member in some(site, rng) {
            member.database.set(Mode::Deaf);
        }
        sleep(Duration::from_millis(rng.random_range(100..1_000))).await;
        for member in site.esteira.members() {
            member.database.cut();
            member.database.set(Mode::Pass);
        }
    }
    Ok(Struck::Hit)
}

/// All connections break at the same moment, several times, and for a while there are no new ones.
pub async fn cut(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    for _ in 0..rng.random_range(1..=5) {
        for member in site.esteira.members() {
            member.database.cut();
        }
        sleep(Duration::from_millis(rng.random_range(0..500))).await;
    }
    for member in site.esteira.members() {
        member.database.set(Mode::Refuse);
        member.database.cut();
    }
    site.suffer(rng).await;
    for member in site.esteira.members() {
        member.database.set(Mode::Pass);
    }
    Ok(Struck::Hit)
}

/// The connections of some processes are dead, and nobody tells them, ever. New ones work.
pub fn leave_half_open(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    for member in some(site, rng) {
        member.database.abandon();
    }
    Ok(Struck::Hit)
}

/// Nothing moves for a while, then everything arrives late.
pub async fn hang(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    during(site, rng, Mode::Hang).await
}

/// Every packet takes its time.
pub async fn slow_down(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let pause = Duration::from_millis(rng.random_range(10..150));
    during(site, rng, Mode::Slow(pause)).await
}

/// One worker is alone for longer than its lease, with the jobs that it runs; the others rescue them.
pub async fn cut_worker_off(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let worker = site.worker(rng)?;
    worker.database.set(Mode::Hang);
    sleep(LEASE + site.spell(rng)).await;
    worker.database.set(Mode::Pass);
    Ok(Struck::Hit)
}

async fn during(site: &Site, rng: &mut StdRng, mode: Mode) -> Result<Struck> {
    for member in some(site, rng) {
        member.database.set(mode);
    }
    site.suffer(rng).await;
    for member in site.esteira.members() {
        member.database.set(Mode::Pass);
    }
    Ok(Struck::Hit)
}

/// One process, or all of them.
fn some<'a>(site: &'a Site, rng: &mut StdRng) -> Vec<&'a Member> {
    let members: Vec<&Member> = site.esteira.members().collect();
    if rng.random_bool(0.5) {
        return members;
    }
    let chosen = rng.random_range(0..members.len());
    members.into_iter().skip(chosen).take(1).collect()
}
