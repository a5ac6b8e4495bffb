//! Which states can a job be in, and who moves it?

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The state of a job.
///
/// The first four are rows of `esteira.queue`; the final ones are rows of the tenant's `outcomes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for other jobs. Submit puts it here, the last dependency's success takes it out.
    Blocked,
    /// Waits for its time: `run_at` of the submit, or of a retry. Promotion takes it out.
    Scheduled,
    /// Waits for a slot. A claim takes it out, or a cancel.
    Queued,
    /// A worker holds its lease. Settle takes it out, or a rescue when the worker is gone.
    Running,
    /// Its result is there. Final.
    Succeeded,
    /// Its last attempt failed, or a failure was not worth another. Final until a retry.
    Failed,
    /// Somebody cancelled it, or a dependency did not succeed. Final until a retry.
    Cancelled,
}

impl JobState {
    /// Every state, in the order of a job's life.
    pub const ALL: [Self; 7] = [
        Self::Blocked,
        Self::Scheduled,
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Whether the job is over.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// The text of the columns and of the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for JobState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not a state of a job"))
    }
}
