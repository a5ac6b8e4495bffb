//! How often has each tenant called lately? A bucket a tenant, in memory.
//!
//! Each API process counts for itself: behind a load balancer with three of them a tenant gets up
//! to three times its limit. That is enough for what it is for, keeping one tenant from starving
//! the process, and costs no round trip.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use esteira_engine::id::TenantId;
use parking_lot::Mutex;

use super::bucket::{Verdict, take};

/// Beyond this many buckets the full ones are forgotten; a full one says nothing.
const MANY: usize = 10_000;

/// The buckets of all tenants that called lately.
#[derive(Debug, Default)]
pub(crate) struct RequestRates(Mutex<HashMap<TenantId, Instant>>);

/// How a tenant stands with its limit after a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// Requests a minute.
    pub per_minute: u32,
    /// Requests that may follow at once.
    pub left: u32,
    /// When one more may, if this one might not.
    pub refused_for: Option<Duration>,
}

impl RequestRates {
    /// Counts one request of a tenant at `now`.
    pub(crate) fn count(&self, tenant: TenantId, per_minute: u32, now: Instant) -> Standing {
        let mut buckets = self.0.lock();
        match take(buckets.get(&tenant).copied(), now, per_minute) {
            Verdict::Pass { full_at, left } => {
                if buckets.len() >= MANY {
                    buckets.retain(|_, full_at| *full_at > now);
                }
                buckets.insert(tenant, full_at);
                Standing { per_minute, left, refused_for: None }
            }
            Verdict::Refuse { wait } => Standing { per_minute, left: 0, refused_for: Some(wait) },
        }
    }
}

impl Standing {
    /// The `RateLimit-Policy` field of draft-ietf-httpapi-ratelimit-headers.
    pub(crate) fn policy(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("\"requests\";q={};w=60", self.per_minute)).ok()
    }

    /// The `RateLimit` field: what is left, and the seconds until there is more.
    pub(crate) fn state(&self) -> Option<HeaderValue> {
        let more = self.retry_after().unwrap_or(Duration::from_secs(1)).as_secs();
        HeaderValue::from_str(&format!("\"requests\";r={};t={more}", self.left)).ok()
    }

    /// The wait that a refused caller is told, in full seconds.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.refused_for.map(|wait| Duration::from_secs(wait.as_secs() + 1))
    }
}
