//! What does a watcher see of what happens to a job? The same in a stream and in a timeline.

use chrono::{DateTime, Utc};
use esteira_engine::child::protocol::LogLevel;
use esteira_engine::id::JobId;
use esteira_engine::job::JobState;
use esteira_engine::queue::{Event, Happening, Timeline};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ErrorView, ProgressView, state_schema};

/// What has happened to a job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Timeline)]
pub(crate) struct TimelineView {
    /// The job.
    #[schema(value_type = Uuid)]
    pub job_id: JobId,
    /// Whether the job is over, so that nothing will come after these.
    pub r#final: bool,
    /// What happened, in order; those of the newest 100 attempts.
    pub events: Vec<EventView>,
}

/// Something that happened to a job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventView {
    /// Its id. As `Last-Event-ID` it asks for what came after it, of any process.
    #[schema(example = "1.1.12")]
    pub id: String,
    /// When it was.
    pub at: DateTime<Utc>,
    /// The attempt that it belongs to: the one that runs, or that ran last; 0 before the first.
    pub attempt: i16,
    /// What it was, by `event`.
    #[serde(flatten)]
    pub what: HappeningView,
}

/// What happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Happening)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum HappeningView {
    /// The job came into a state.
    State {
        /// Which one.
        #[schema(schema_with = state_schema)]
        state: JobState,
        /// The error that brought it there.
        #[schema(required)]
        error: Option<ErrorView>,
    },
    /// The attempt came so far. Of each attempt only the newest is kept.
    Progress(ProgressView),
    /// The kind had something to say.
    Log {
        /// `info`, or `warn` where the result may not be what was wanted.
        #[schema(value_type = String, example = "info")]
        level: LogLevel,
        /// The sentence.
        message: String,
    },
}

impl HappeningView {
    /// The name of the event in a stream.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::State { .. } => "state",
            Self::Progress(_) => "progress",
            Self::Log { .. } => "log",
        }
    }
}

impl TimelineView {
    pub(crate) fn new(job_id: JobId, timeline: Timeline) -> Self {
        let events = timeline.events.into_iter().map(EventView::from).collect();
        Self { job_id, r#final: timeline.is_final, events }
    }
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        let what = match event.what {
            Happening::State { state, error } => {
                HappeningView::State { state, error: error.map(ErrorView::from) }
            }
            Happening::Progress(progress) => HappeningView::Progress(progress.into()),
            Happening::Log { level, message } => HappeningView::Log { level, message },
        };
        Self { id: event.place.to_string(), at: event.at, attempt: event.attempt, what }
    }
}

/// An event as it stands in a stream: the lines of the format, of which each may be missing.
#[derive(Debug, ToSchema)]
#[schema(as = SentEvent)]
#[expect(dead_code, reason = "it is for the description; the stream is written by its own format")]
pub(crate) struct SentEventView {
    /// What `Last-Event-ID` brings back.
    id: Option<String>,
    /// `state`, `progress` or `log`.
    event: Option<String>,
    /// The event, as JSON.
    #[schema(content_media_type = "application/json")]
    data: Option<String>,
    /// After how many milliseconds to come back when the stream ends.
    retry: Option<u64>,
}
