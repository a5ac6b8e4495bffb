//! What does a reader see of a job?

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::JobState;
use crate::child::protocol::Progress;
use crate::id::{BatchId, JobId};

/// A job as its tenant sees it.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What kind of work it is.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// −100 to 100, higher first, within its tenant.
    pub priority: i16,
    /// The attempt that runs, or ran last; 0 before the first.
    pub attempt: i16,
    /// How many attempts it may have.
    pub max_attempts: i16,
    /// Wall-clock seconds that one attempt may take.
    pub timeout_seconds: i32,
    /// How far the last attempt came.
    pub progress: Option<Progress>,
    /// What was asked.
    pub input: Value,
    /// What came of it.
    pub output: Option<Value>,
    /// Why it failed, or why its last attempt did.
    pub error: Option<JobError>,
    /// What the submitter attached.
    pub metadata: Value,
    /// The batch that it belongs to.
    pub batch: Option<BatchId>,
    /// The files that it made; only a succeeded job has some.
    pub artifacts: Vec<Artifact>,
    /// When it was submitted.
    pub created_at: DateTime<Utc>,
    /// When it may run, or when its next attempt may.
    pub run_at: DateTime<Utc>,
    /// When its last attempt began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// When its cancel was asked for, while it still runs.
    pub cancel_requested_at: Option<DateTime<Utc>>,
    /// How long its last attempt waited, once that has begun.
    pub waited: Option<Waited>,
}

/// How long an attempt waited before it began, in milliseconds from the moment at which it could have run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Waited {
    /// Behind its own tenant's work.
    pub own_work: i64,
    /// For nothing but a slot, after that.
    pub slot: i64,
}

/// Why a job, or an attempt of it, failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobError {
    /// A stable code.
    pub code: String,
    /// What was wrong, fit for the tenant.
    pub message: String,
    /// Whether another attempt could have ended otherwise.
    pub retryable: bool,
    /// The attempt that failed so.
    pub attempt: i16,
}

/// A file that a job made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Its name within the job.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size.
    pub bytes: i64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}
