//! What do lanes have to pay? The processing time beyond what their claims were charged with.
//!
//! Apart from the settle, since claims and settles of one lane would otherwise wait for each other's commits.

use std::collections::BTreeMap;

use crate::db::{DatabaseError, Db};
use crate::id::{JobId, WorkerId};

/// Processing seconds by tenant and kind; less than nothing where the estimate was too high.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Used(BTreeMap<(i32, String), f64>);

impl Used {
    /// Adds seconds of one job.
    pub(super) fn add(&mut self, tenant: i32, kind: String, seconds: f64) {
        *self.0.entry((tenant, kind)).or_default() += seconds;
    }

    /// Adds those of other jobs.
    pub(crate) fn append(&mut self, more: Self) {
        for ((tenant, kind), seconds) in more.0 {
            self.add(tenant, kind, seconds);
        }
    }

    /// Takes what tenants used out of it, those of which this is so.
    pub(crate) fn split_off(&mut self, is_so: impl Fn(i32) -> bool) -> Self {
        Self(self.0.extract_if(.., |(tenant, _), _| is_so(*tenant)).collect())
    }

    /// Whether there is nothing to charge.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Tells the lanes what was really used. The settle has happened: a failure here costs a little fairness and
/// must not look like a failed settle.
pub async fn charge(db: &Db, used: &Used) {
    if used.is_empty() {
        return;
    }
    let tenants: Vec<i32> = used.0.keys().map(|(tenant, _)| *tenant).collect();
    let kinds: Vec<&str> = used.0.keys().map(|(_, kind)| kind.as_str()).collect();
    let seconds: Vec<f64> = used.0.values().copied().collect();
    // Nothing is lost that matters if Postgres crashes before this is on disk, so nobody waits for the disk.
    let charged = sqlx::query!(
        "select set_config('synchronous_commit', 'off', true) as off, esteira.charge($1, $2, $3)::text as charged",
        &tenants,
        &kinds as &[&str],
        &seconds
    )
    .fetch_one(db.pool())
    .await;
    if let Err(error) = charged {
        tracing::warn!(error = &error as &dyn std::error::Error, "processing time not charged");
    }
}

/// Charges the lanes of those of a worker's running `jobs` that have run longer than was charged so far.
///
/// # Errors
/// When the database is away.
pub async fn charge_overruns(db: &Db, worker: WorkerId, jobs: &[JobId]) -> Result<(), DatabaseError> {
    let jobs: Vec<_> = jobs.iter().map(|job| job.0).collect();
    sqlx::query!(
        "select set_config('synchronous_commit', 'off', true) as off, esteira.charge_overruns($1, $2)::text as charged",
        worker.0,
        &jobs
    )
    .fetch_one(db.pool())
    .await?;
    Ok(())
}
