//! What was used in a period?

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was used, by local day and kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// By day and kind; a day on which nothing was used has no row.
    pub days: Vec<UsageRow>,
    /// Bytes that are kept at the end of the data; none of a period before, of which nobody has noted it.
    #[serde(default)]
    pub bytes_kept: Option<i64>,
}

/// What jobs of a kind, or uploads, used on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageRow {
    /// The local day.
    pub day: NaiveDate,
    /// The kind; empty for uploads.
    pub kind: String,
    /// Jobs that succeeded.
    #[serde(default)]
    pub succeeded: i64,
    /// Jobs that failed.
    #[serde(default)]
    pub failed: i64,
    /// Jobs that were cancelled.
    #[serde(default)]
    pub cancelled: i64,
    /// Attempts, whatever they came to.
    #[serde(default)]
    pub attempts: i64,
    /// Seconds that attempts took.
    #[serde(default)]
    pub processing_seconds: f64,
    /// Seconds of processor time in attempts.
    #[serde(default)]
    pub cpu_seconds: f64,
    /// Seconds of video made, or of sound transcribed.
    #[serde(default)]
    pub media_seconds: f64,
    /// Pages read.
    #[serde(default)]
    pub pages: i64,
    /// Bytes of new artifacts and uploads.
    #[serde(default)]
    pub bytes_stored: i64,
    /// The same, and bytes of the inputs that attempts fetched.
    #[serde(default)]
    pub bytes_moved: i64,
}

impl UsageRow {
    /// A row without any use.
    #[must_use]
    pub fn new(day: NaiveDate, kind: impl Into<String>) -> Self {
        Self {
            day,
            kind: kind.into(),
            succeeded: 0,
            failed: 0,
            cancelled: 0,
            attempts: 0,
            processing_seconds: 0.0,
            cpu_seconds: 0.0,
            media_seconds: 0.0,
            pages: 0,
            bytes_stored: 0,
            bytes_moved: 0,
        }
    }

    /// Jobs that ended.
    #[must_use]
    pub fn jobs(&self) -> i64 {
        self.succeeded.saturating_add(self.failed).saturating_add(self.cancelled)
    }

    /// Adds what another row has, whatever its day and kind.
    pub fn add(&mut self, more: &Self) {
        for (sum, part) in [
            (&mut self.succeeded, more.succeeded),
            (&mut self.failed, more.failed),
            (&mut self.cancelled, more.cancelled),
            (&mut self.attempts, more.attempts),
            (&mut self.pages, more.pages),
            (&mut self.bytes_stored, more.bytes_stored),
            (&mut self.bytes_moved, more.bytes_moved),
        ] {
            *sum = sum.saturating_add(part);
        }
        self.processing_seconds += more.processing_seconds;
        self.cpu_seconds += more.cpu_seconds;
        self.media_seconds += more.media_seconds;
    }
}
