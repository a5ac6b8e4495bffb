//! How often has each tenant called lately, over all processes? Only those with a limit are counted.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use esteira_engine::Engine;
use esteira_engine::db::DatabaseError;
use esteira_engine::id::TenantId;
use parking_lot::Mutex;
use tokio::sync::Mutex as AsyncMutex;

use super::share::{Share, Verdict};

/// Beyond this many shares those are forgotten that say nothing any more.
const MANY: usize = 10_000;

/// The shares of all tenants that called lately.
#[derive(Debug, Default)]
pub(crate) struct RequestRates(Mutex<HashMap<TenantId, Arc<AsyncMutex<Share>>>>);

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
    /// Counts one request of a tenant.
    ///
    /// # Errors
    /// When the database is away.
    pub(crate) async fn count(
        &self,
        engine: &Engine,
        tenant: TenantId,
        per_minute: u32,
    ) -> Result<Standing, DatabaseError> {
        let share = self.share_of(tenant);
        // Held while the bucket is asked: those that come meanwhile share the answer.
        let mut share = share.lock().await;
        let mut verdict = share.take(Instant::now(), per_minute);
        if let Verdict::Ask { wanted } = verdict {
            let granted = engine.take_requests(tenant, per_minute, wanted).await?;
            share.add(Instant::now(), per_minute, granted);
            verdict = share.take(Instant::now(), per_minute);
        }
        Ok(match verdict {
            Verdict::Pass { left } => Standing { per_minute, left, refused_for: None },
            Verdict::Refuse { wait } => Standing { per_minute, left: 0, refused_for: Some(wait) },
            // What was given is asked for again only once it is used up, or too old by now.
            Verdict::Ask { .. } => Standing { per_minute, left: 0, refused_for: Some(Duration::ZERO) },
        })
    }

    fn share_of(&self, tenant: TenantId) -> Arc<AsyncMutex<Share>> {
        let mut shares = self.0.lock();
        if shares.len() >= MANY {
            let now = Instant::now();
            // One that is in use stays.
            shares.retain(|_, share| share.try_lock().map_or(true, |share| !share.says_nothing(now)));
        }
        Arc::clone(shares.entry(tenant).or_default())
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
