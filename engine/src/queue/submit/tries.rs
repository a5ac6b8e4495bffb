//! When is a submit tried again? When what stood in its way is over soon.

use std::time::Duration;

use rand::Rng;
use tokio::time::{Instant, sleep};

use super::SubmitError;
use super::write::UNIQUE_KEY;

/// How often the same unique key may be submitted by somebody else just before.
const OF_ONE_KEY: u32 = 3;
/// How long is waited for whoever counts the tenant's waiting jobs: an application's transaction may stay open.
const FOR_THE_LIMIT: Duration = Duration::from_secs(5);
/// The pause before another look; no connection is held meanwhile.
const PAUSE_MILLIS: std::ops::Range<u64> = 5..50;

/// How often a submit was tried.
#[derive(Debug)]
pub(in crate::queue) struct Tries {
    of_key: u32,
    began: Instant,
}

impl Tries {
    /// None so far.
    pub fn new() -> Self {
        Self { of_key: 0, began: Instant::now() }
    }

    /// Whether to try again at once: somebody else submitted the same key at this moment, and the next look finds
    /// that job.
    pub fn again_at_once(&mut self, error: &SubmitError) -> bool {
        let is_key = matches!(error, SubmitError::Database(error) if error.constraint() == Some(UNIQUE_KEY));
        self.of_key += u32::from(is_key);
        is_key && self.of_key <= OF_ONE_KEY
    }

    /// The same, and after a pause where the tenant's waiting jobs are being counted.
    pub async fn again(&mut self, error: &SubmitError) -> bool {
        if matches!(error, SubmitError::LimitBusy) {
            self.limit_is_free_soon().await
        } else {
            self.again_at_once(error)
        }
    }

    /// Waits a moment for the tenant's limit; `false` when that was long enough.
    pub async fn limit_is_free_soon(&mut self) -> bool {
        if self.began.elapsed() >= FOR_THE_LIMIT {
            return false;
        }
        let pause = rand::rng().random_range(PAUSE_MILLIS);
        sleep(Duration::from_millis(pause)).await;
        true
    }
}
