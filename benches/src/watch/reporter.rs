//! Who reports progress? A worker by hand, which holds a job for each stream.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use esteira_engine::Engine;
use esteira_engine::child::protocol::Progress;
use esteira_engine::id::{TenantId, WorkerId};
use esteira_engine::queue::{self, Lease, News, Reported};
use esteira_engine::tenant::Tenant;
use serde_json::json;
use tokio::time::Instant;

use crate::http::KIND;
use crate::queue::place::Place;

/// Reports that are written at the same time, as by workers on so many connections.
const AT_ONCE: usize = 4;
/// Longer than the measurement: this worker has no heart.
const LEASE: Duration = Duration::from_secs(3_600);

/// A worker and its jobs.
pub struct Reporter {
    engine: Engine,
    jobs: Vec<(Tenant, Lease)>,
}

impl Reporter {
    /// Claims so many jobs.
    pub async fn start(place: &Place, tenants: &[Tenant], jobs: usize) -> Result<Self> {
        let worker = WorkerId::new();
        queue::register(&place.db, worker, "bench", &json!({}), LEASE).await?;
        let tenants: HashMap<TenantId, &Tenant> = tenants.iter().map(|tenant| (tenant.id, tenant)).collect();
        let mut claimed = Vec::with_capacity(jobs);
        while claimed.len() < jobs {
            let more =
                queue::claim(&place.db, worker, KIND, jobs - claimed.len(), Duration::from_millis(1)).await?;
            ensure!(!more.is_empty(), "{} of {jobs} jobs were there to claim", claimed.len());
            for lease in more {
                let tenant = tenants.get(&lease.tenant).context("a job has a tenant")?;
                claimed.push(((*tenant).clone(), lease));
            }
        }
        Ok(Self { engine: place.engine.clone(), jobs: claimed })
    }

    /// Reports once for each job: the round, and when it was by the clock since `clock`.
    pub async fn round(&self, round: usize, clock: Instant) -> Result<()> {
        let lanes = (0..AT_ONCE).map(|lane| self.lane(lane, round, clock));
        futures::future::try_join_all(lanes).await?;
        Ok(())
    }

    async fn lane(&self, lane: usize, round: usize, clock: Instant) -> Result<()> {
        for (tenant, lease) in self.jobs.iter().skip(lane).step_by(AT_ONCE) {
            let message = format!("{round} {}", clock.elapsed().as_micros());
            let progress = Progress { fraction: 0.5, stage: "bench".to_owned(), message };
            let number = i32::try_from(round + 1)?;
            let reported = Reported { number, after_ms: 0, progress };
            self.engine.report(tenant, lease, &News { progress: Some(reported), log: Vec::new() }).await?;
        }
        Ok(())
    }
}
