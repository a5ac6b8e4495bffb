//! Where does chaos take place? Everything that a fault may touch, in one hand.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use parking_lot::Mutex as Lock;
use rand::Rng;
use rand::rngs::StdRng;
use tokio::sync::Mutex;
use tokio::time::sleep;

use super::cluster::Cluster;
use super::esteira::{Esteira, Member};
use super::objects::Objects;
use super::tally::Tally;

/// Servers, processes, and what is known of them.
pub struct Site {
    pub cluster: Mutex<Cluster>,
    pub objects: Objects,
    pub esteira: Esteira,
    pub tally: Arc<Lock<Tally>>,
    /// How long faults last, as a factor of their shortest.
    pub harshness: f64,
}

impl Site {
    /// Some worker.
    pub fn worker(&self, rng: &mut StdRng) -> Result<&Member> {
        let workers = &self.esteira.workers;
        workers.get(rng.random_range(0..workers.len())).context("there are workers")
    }

    /// How long a fault lasts: one to four seconds, times the harshness.
    pub fn spell(&self, rng: &mut StdRng) -> Duration {
        Duration::from_millis(rng.random_range(1_000..4_000)).mul_f64(self.harshness)
    }

    /// Lets a fault last.
    pub async fn suffer(&self, rng: &mut StdRng) {
        sleep(self.spell(rng)).await;
    }
}
