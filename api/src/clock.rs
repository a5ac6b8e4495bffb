//! What time is it here? Asked where the answer names an instant, never where a job's fate depends on it.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

/// This machine's time.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from(SystemTime::now())
}
