//! What is known of a job, from which its timeline follows?

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::child::protocol::Progress;
use crate::job::{JobError, JobState};
use crate::queue::LogLine;

/// The rows of a job, by one snapshot.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub created_at: DateTime<Utc>,
    pub run_at: DateTime<Utc>,
    /// Whether it depends on other jobs.
    pub needs_others: bool,
    /// When the last of those had succeeded, as long as that is known.
    pub freed_at: Option<DateTime<Utc>>,
    /// Its row in the queue.
    pub live: Option<Live>,
    /// Its outcome.
    pub end: Option<End>,
    /// Its attempts that have something to tell, by their leases.
    pub attempts: Vec<Attempt>,
}

/// A job that is not final.
#[derive(Debug, Clone)]
pub(super) struct Live {
    pub state: JobState,
    pub lease: i32,
    pub attempt: i16,
    pub ready_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
}

/// A job that is final.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub state: JobState,
    pub lease: i32,
    pub attempt: i16,
    pub error: Option<JobError>,
    pub ready_at: Option<DateTime<Utc>>,
    /// When the attempt began with which it ended; none for a job that ended while it waited.
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: DateTime<Utc>,
}

/// The row of an attempt, as JSON tells it. A tenant's schema of an older version has no `report`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Attempt {
    pub lease: i32,
    pub attempt: i16,
    pub fraction: Option<f64>,
    pub stage: Option<String>,
    pub message: Option<String>,
    pub ended_as: Option<String>,
    pub error: Option<JobError>,
    pub log: Vec<LogLine>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub report: Option<i32>,
    #[serde(default)]
    pub report_ms: Option<i64>,
}

impl Attempt {
    /// How far it came.
    pub fn progress(&self) -> Option<Progress> {
        Some(Progress {
            fraction: self.fraction?,
            stage: self.stage.clone()?,
            message: self.message.clone()?,
        })
    }

    /// The number of the report of its progress. Where nobody kept it, it comes after everything else.
    pub fn number_of_progress(&self) -> i32 {
        self.report.unwrap_or_else(|| self.log.last().map_or(1, |line| line.number.saturating_add(1)))
    }
}
