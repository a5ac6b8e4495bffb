//! When does which fault strike? Every one of them once, in an order that follows from the seed; then again.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use tokio::time::{Duration, Instant, sleep};

use super::faults::{Fault, Struck};
use super::site::Site;

/// What struck how often, and what could not.
#[derive(Debug, Default)]
pub struct Strikes {
    pub survived: BTreeMap<String, u64>,
    pub skipped: BTreeMap<String, &'static str>,
}

/// Strikes until the time is over. Faults below the processes and faults of the processes overlap as they like.
pub async fn strike_all(site: &Site, seed: u64, until: Instant, only: &[Fault]) -> Result<Strikes> {
    let (below, of_processes) = tokio::join!(
        lane(site, &Fault::BELOW, StdRng::seed_from_u64(seed), until, only),
        lane(site, &Fault::OF_PROCESSES, StdRng::seed_from_u64(!seed), until, only),
    );
    let (mut all, more) = (below?, of_processes?);
    all.survived.extend(more.survived);
    all.skipped.extend(more.skipped);
    Ok(all)
}

async fn lane(
    site: &Site,
    faults: &[Fault],
    mut rng: StdRng,
    until: Instant,
    only: &[Fault],
) -> Result<Strikes> {
    let wanted = |fault: &Fault| only.is_empty() || only.contains(fault);
    let mut deck: Vec<Fault> = faults.iter().copied().filter(wanted).collect();
    let mut strikes = Strikes::default();
    while !deck.is_empty() {
        deck.shuffle(&mut rng);
        for fault in &deck {
            if Instant::now() >= until {
                return Ok(strikes);
            }
            crate::tell(&fault.name());
            match fault.strike(site, &mut rng).await.with_context(|| fault.name())? {
                Struck::Skipped(why) => drop(strikes.skipped.insert(fault.name(), why)),
                Struck::Hit => {
                    site.esteira
                        .wait_until_ready()
                        .await
                        .with_context(|| format!("after {}", fault.name()))?;
                    *strikes.survived.entry(fault.name()).or_default() += 1;
                }
            }
            sleep(Duration::from_millis(rng.random_range(200..2_000))).await;
        }
        deck.retain(|fault| !strikes.skipped.contains_key(&fault.name()));
    }
    Ok(strikes)
}
