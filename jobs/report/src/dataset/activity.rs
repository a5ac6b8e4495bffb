//! What was done in a period?

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Activity {
    /// Ends by local day, as the ledger counts them.
    pub days: Vec<Outcomes>,
    /// What was made, newest first.
    pub made: Vec<MadeJob>,
    /// Why jobs failed, most frequent first.
    pub failures: Vec<Failure>,
    /// How many ways to fail there were, where the list has not all.
    pub causes: i64,
    /// The jobs that took longest, longest first.
    pub slowest: Vec<SlowJob>,
    /// How long jobs waited, by kind.
    pub waiting: Vec<Waiting>,
}

/// How jobs ended on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcomes {
    /// The local day.
    pub day: NaiveDate,
    /// Jobs that succeeded.
    #[serde(default)]
    pub succeeded: i64,
    /// Jobs that failed.
    #[serde(default)]
    pub failed: i64,
    /// Jobs that were cancelled.
    #[serde(default)]
    pub cancelled: i64,
}

/// A job that made something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MadeJob {
    /// Its id.
    pub job: String,
    /// Its kind.
    pub kind: String,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// What it is called: by its metadata, or by the file that it read.
    #[serde(default)]
    pub name: String,
    /// The artifact that a reader wants first.
    #[serde(default)]
    pub artifact: String,
    /// Bytes of all its artifacts.
    #[serde(default)]
    pub bytes: i64,
    /// Seconds of video or sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_seconds: Option<f64>,
    /// Pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<i64>,
    /// Seconds that its last attempt took.
    #[serde(default)]
    pub seconds: f64,
}

/// A way in which jobs of a kind failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The kind.
    pub kind: String,
    /// The code of the error.
    pub code: String,
    /// How many jobs.
    pub jobs: i64,
    /// When the last of them failed.
    pub last: DateTime<Utc>,
    /// What was said of that one.
    #[serde(default)]
    pub message: String,
    /// The id of that one.
    #[serde(default)]
    pub job: String,
}

/// A job that took long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlowJob {
    /// Its id.
    pub job: String,
    /// Its kind.
    pub kind: String,
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// When its last attempt began.
    pub started_at: DateTime<Utc>,
    /// Seconds that it took.
    pub seconds: f64,
    /// How many attempts it had.
    #[serde(default)]
    pub attempts: i64,
}

/// How long jobs of a kind waited before they began: behind their own tenant's work, and then for nothing but a slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// The kind.
    pub kind: String,
    /// Jobs that began.
    pub jobs: i64,
    /// Seconds behind the tenant's own work, of the median job.
    pub own_work_p50: f64,
    /// The same, of the job behind which one in twenty stands.
    pub own_work_p95: f64,
    /// Seconds for a slot, of the median job.
    pub slot_p50: f64,
    /// The same, of the job behind which one in twenty stands.
    pub slot_p95: f64,
}
