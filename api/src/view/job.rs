//! What does a caller see of a job?

use chrono::{DateTime, Utc};
use esteira_engine::child::protocol::Progress;
use esteira_engine::id::JobId;
use esteira_engine::job::{Artifact, Job, JobError, JobState, Waited};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use uuid::Uuid;

/// A job. Every key is always there; null where there is nothing yet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job, example = json!({
    "id": "0192f0c2-3456-7abc-8def-0123456789ab", "kind": "video.generate", "state": "succeeded",
    "priority": 0, "attempt": 1, "max_attempts": 5, "timeout_seconds": 900,
    "progress": {"fraction": 1.0, "stage": "done", "message": "3 s of video"},
    "input": {
        "output": {"width": 1280, "height": 720, "fps": 30},
        "tracks": [{"clips": [
            {"type": "image", "source": "upload://0192f0c1-2345-7abc-8def-0123456789ab", "length": 3},
        ]}],
    },
    "output": {"seconds": 3.0}, "error": null, "metadata": {"customer": "77"}, "batch_id": null,
    "artifacts": [{
        "name": "video.mp4", "media_type": "video/mp4", "bytes": 482_133,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "href": "/v1/jobs/0192f0c2-3456-7abc-8def-0123456789ab/artifacts/video.mp4",
    }],
    "created_at": "2026-11-24T15:04:05Z", "run_at": "2026-11-24T15:04:05Z",
    "started_at": "2026-11-24T15:04:06Z", "finished_at": "2026-11-24T15:04:11Z",
    "cancel_requested_at": null, "waited_ms": {"own_work": 0, "slot": 840},
}))]
pub(crate) struct JobView {
    /// Its id, a UUIDv7.
    #[schema(value_type = Uuid)]
    pub id: JobId,
    /// What kind of work it is.
    #[schema(example = "video.generate")]
    pub kind: String,
    /// Where it stands.
    #[schema(schema_with = state_schema)]
    pub state: JobState,
    /// −100 to 100, higher first, within its tenant.
    pub priority: i16,
    /// The attempt that runs, or ran last; 0 before the first.
    pub attempt: i16,
    /// How many attempts it may have.
    pub max_attempts: i16,
    /// Seconds that one attempt may take.
    pub timeout_seconds: i32,
    /// How far its last attempt came.
    #[schema(required)]
    pub progress: Option<ProgressView>,
    /// What was asked.
    #[schema(value_type = Object)]
    pub input: Value,
    /// What came of it, once it has succeeded.
    #[schema(value_type = Option<Object>, required)]
    pub output: Option<Value>,
    /// Why it failed, or why its last attempt did.
    #[schema(required)]
    pub error: Option<ErrorView>,
    /// What the submitter attached.
    #[schema(value_type = Object)]
    pub metadata: Value,
    /// The batch that it belongs to.
    #[schema(required)]
    pub batch_id: Option<Uuid>,
    /// The files that it made, once it has succeeded.
    pub artifacts: Vec<ArtifactView>,
    /// When it was submitted.
    pub created_at: DateTime<Utc>,
    /// When it may run, or when its next attempt may.
    pub run_at: DateTime<Utc>,
    /// When its last attempt began.
    #[schema(required)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[schema(required)]
    pub finished_at: Option<DateTime<Utc>>,
    /// When its cancel was asked for, while it still runs: it ends within two seconds of that.
    #[schema(required)]
    pub cancel_requested_at: Option<DateTime<Utc>>,
    /// How long its last attempt waited, once that has begun.
    #[schema(required)]
    pub waited_ms: Option<WaitedView>,
}

/// How long an attempt waited before it began, in milliseconds from the moment at which it could have run: its `run_at`,
/// or the end of the last job that it depends on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Waited)]
pub(crate) struct WaitedView {
    /// Behind its own tenant's work: for its turn among the tenant's jobs of its kind, or at the tenant's `max_running`.
    #[schema(minimum = 0)]
    pub own_work: i64,
    /// For a slot alone, after that: others' jobs had them, no worker was there, or an operator had paused it.
    #[schema(minimum = 0)]
    pub slot: i64,
}

/// How far a job is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Progress)]
pub(crate) struct ProgressView {
    /// Between 0 and 1.
    pub fraction: f64,
    /// The part of the work.
    pub stage: String,
    /// Some words for a person.
    pub message: String,
}

/// Why a job, or an attempt of it, failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobError)]
pub(crate) struct ErrorView {
    #[schema(schema_with = code_schema)]
    pub code: String,
    /// What was wrong: the page, second or field.
    pub message: String,
    /// Whether another attempt could end otherwise.
    pub retryable: bool,
    /// The attempt that failed so.
    pub attempt: i16,
}

/// A file that a job made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Artifact)]
pub(crate) struct ArtifactView {
    /// Its name within the job; it may contain `/`.
    #[schema(example = "video.mp4")]
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size.
    pub bytes: i64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Where to get it.
    pub href: String,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        let id = job.id;
        Self {
            id,
            kind: job.kind,
            state: job.state,
            priority: job.priority,
            attempt: job.attempt,
            max_attempts: job.max_attempts,
            timeout_seconds: job.timeout_seconds,
            progress: job.progress.map(ProgressView::from),
            input: job.input,
            output: job.output,
            error: job.error.map(ErrorView::from),
            metadata: job.metadata,
            batch_id: job.batch.map(|batch| batch.0),
            artifacts: job.artifacts.into_iter().map(|artifact| ArtifactView::new(id, artifact)).collect(),
            created_at: job.created_at,
            run_at: job.run_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            cancel_requested_at: job.cancel_requested_at,
            waited_ms: job.waited.map(WaitedView::from),
        }
    }
}

impl From<Progress> for ProgressView {
    fn from(progress: Progress) -> Self {
        let Progress { fraction, stage, message } = progress;
        Self { fraction, stage, message }
    }
}

impl From<Waited> for WaitedView {
    fn from(waited: Waited) -> Self {
        let Waited { own_work, slot } = waited;
        Self { own_work, slot }
    }
}

impl From<JobError> for ErrorView {
    fn from(error: JobError) -> Self {
        let JobError { code, message, retryable, attempt } = error;
        Self { code, message, retryable, attempt }
    }
}

impl ArtifactView {
    fn new(job: JobId, artifact: Artifact) -> Self {
        let Artifact { name, media_type, bytes, sha256 } = artifact;
        // A name has only characters that a path may hold as they are.
        Self { href: format!("/v1/jobs/{job}/artifacts/{name}"), name, media_type, bytes, sha256 }
    }
}

/// The states, from the engine's list.
pub(crate) fn state_schema() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(JobState::ALL.map(JobState::as_str)))
        .description(Some("`succeeded`, `failed` and `cancelled` are final."))
        .build()
}

/// The codes that a job of any kind can end with.
fn code_schema() -> Object {
    ObjectBuilder::new().schema_type(Type::String).description(Some(include_str!("job_codes.md"))).build()
}
