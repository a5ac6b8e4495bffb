//! How long is what kept, and how often does somebody look?

use std::time::Duration;

use crate::tenant::Retention;

/// The operator's settings of retention.
#[derive(Debug, Clone)]
pub struct RetentionOptions {
    /// Finished jobs with their artifacts, of tenants that say nothing else.
    pub jobs: Retention,
    /// Uploads, of tenants that say nothing else.
    pub uploads: Retention,
    /// How long the answer to an idempotency key is kept.
    pub idempotency: Duration,
    /// Deliveries of webhooks that are over.
    pub deliveries: Retention,
    /// How often each tenant is looked at.
    pub prune_every: Duration,
    /// The most jobs, or uploads, of one transaction.
    pub batch: usize,
    /// How often the bucket is searched for what no row names.
    pub sweep_every: Duration,
    /// How old that must be to go: older than any attempt, or any upload, that is still under way.
    pub orphan_age: Duration,
}

impl Default for RetentionOptions {
    fn default() -> Self {
        Self {
            jobs: Retention::Days(30),
            uploads: Retention::Days(30),
            idempotency: Duration::from_secs(24 * 3600),
            deliveries: Retention::Days(14),
            prune_every: Duration::from_secs(3600),
            batch: 200,
            sweep_every: Duration::from_secs(24 * 3600),
            orphan_age: Duration::from_secs(48 * 3600),
        }
    }
}
