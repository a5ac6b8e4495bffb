//! What can happen to a job, as those who watch it see it?

use chrono::{DateTime, Utc};

use super::EventPlace;
use crate::child::protocol::{LogLevel, Progress};
use crate::job::{JobError, JobState};

/// Something that happened to a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Where it stands in the job's timeline.
    pub place: EventPlace,
    /// When it was.
    pub at: DateTime<Utc>,
    /// The attempt that it belongs to: the one that runs, or that ran last; 0 before the first.
    pub attempt: i16,
    /// What it was.
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// The job came into a state.
    State {
        /// Which one.
        state: JobState,
        /// The error that brought it there.
        error: Option<JobError>,
    },
    /// The attempt came so far. Only the newest of an attempt is kept.
    Progress(Progress),
    /// The kind had something to say.
    Log {
        /// How loud.
        level: LogLevel,
        /// The sentence.
        message: String,
    },
}
