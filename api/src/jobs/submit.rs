//! `POST /v1/jobs`: submit a job, or ask what a submit would say.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use esteira_engine::queue::{Submission, SubmitError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::get::found;
use crate::extract::{Distinct, FromParams, JobsWrite, Json, Params, Query, TenantCaller, Timestamp};
use crate::options::ApiOptions;
use crate::problem::{Code, FieldError, Problem};
use crate::state::ApiState;
use crate::view::JobView;

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        let sentence = format!("{error}.");
        match error {
            SubmitError::UnknownKind(_) => Self::new(Code::UnknownKind, "GET /v1/kinds lists the kinds.")
                .with_errors([FieldError::new("/kind", "there is no such kind")]),
            SubmitError::KindNotAllowed(_) => {
                Self::new(Code::KindNotAllowed, "This tenant may not use the kind.")
                    .with_errors([FieldError::new("/kind", "is not among the tenant's kinds")])
            }
            SubmitError::BadField { field, message } => Self::value(format!("/{field}"), message),
            SubmitError::BadInput(faults) => {
                let errors = faults
                    .into_iter()
                    .map(|fault| FieldError::new(format!("/input{}", fault.pointer), fault.message));
                Self::new(Code::InvalidInput, "The input does not fit the kind.").with_errors(errors)
            }
            SubmitError::Suspended => Self::new(Code::TenantSuspended, "The tenant is suspended."),
            SubmitError::QueueFull { limit } => queue_full(sentence, limit),
            SubmitError::Database(error) => error.into(),
        }
    }
}

/// The 429 of a full queue, with the fields of draft-ietf-httpapi-ratelimit-headers.
fn queue_full(sentence: String, limit: i32) -> Problem {
    let mut problem = Problem::new(Code::QueueFull, sentence);
    for (name, value) in
        [("ratelimit-policy", format!("\"waiting\";q={limit}")), ("ratelimit", "\"waiting\";r=0".to_owned())]
    {
        if let Ok(value) = HeaderValue::from_str(&value) {
            problem = problem.with_header(header::HeaderName::from_static(name), value);
        }
    }
    problem
}

/// A job to be done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubmitRequest {
    /// The kind of work.
    #[schema(example = "video.generate")]
    kind: String,
    /// What the kind is to do; its schema is at `GET /v1/kinds/{kind}`.
    #[schema(value_type = Object)]
    input: Distinct,
    /// −100 to 100, higher first, within the tenant.
    #[schema(minimum = -100, maximum = 100, default = 0)]
    priority: Option<i64>,
    /// Not before this instant.
    #[schema(value_type = Option<String>, format = DateTime)]
    run_at: Option<Timestamp>,
    /// How many attempts it may have, if not as many as the kind gives.
    #[schema(minimum = 1, maximum = 100)]
    max_attempts: Option<i64>,
    /// Seconds that one attempt may take, if not as many as the kind gives.
    #[schema(minimum = 1, maximum = 86_400)]
    timeout_seconds: Option<i64>,
    /// For the submitter's own use; `GET /v1/jobs?metadata.KEY=…` finds texts in it. 50 keys at most.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    metadata: Metadata,
}

/// An object for the submitter's own use.
#[derive(Default, Deserialize)]
#[serde(try_from = "Distinct")]
struct Metadata(serde_json::Map<String, Value>);

impl TryFrom<Distinct> for Metadata {
    type Error = &'static str;

    fn try_from(Distinct(value): Distinct) -> Result<Self, Self::Error> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err("must be an object"),
        }
    }
}

impl SubmitRequest {
    /// Numbers that do not fit become the nearest that do, which the engine refuses with its reason.
    fn into_submission(self) -> Submission {
        let narrow = |n: i64| u16::try_from(n.max(0)).unwrap_or(u16::MAX);
        Submission {
            kind: self.kind,
            input: self.input.0,
            priority: self.priority.map_or(0, |n| i16::try_from(n).unwrap_or(i16::MAX)),
            run_at: self.run_at.map(|instant| instant.0),
            max_attempts: self.max_attempts.map(narrow),
            timeout: self.timeout_seconds.map(|n| Duration::from_secs(n.max(0).unsigned_abs())),
            metadata: self.metadata.0,
        }
    }
}

/// What a submit would say.
#[derive(Serialize, ToSchema)]
pub(crate) struct DryRun {
    /// Always true: what is not valid is answered by the problem that a submit would get.
    valid: bool,
    /// Things that will work, and may not be meant.
    warnings: Vec<String>,
    /// What the job would take.
    estimate: Estimate,
}

/// What a job would take, as far as it can be told from its input alone.
#[derive(Serialize, ToSchema)]
struct Estimate {
    /// Files that it reads.
    files: usize,
    /// Attempts that it may have.
    max_attempts: u16,
    /// Seconds that one attempt may take.
    timeout_seconds: u64,
}

/// Whether anything is written.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SubmitParams {
    /// Check everything that a submit checks, and write nothing.
    #[param(required = false, default = false)]
    dry_run: bool,
}

impl FromParams for SubmitParams {
    fn from_params(params: &mut Params, _: &ApiOptions) -> Self {
        Self { dry_run: params.parsed("dry_run").unwrap_or(false) }
    }
}

/// Submit a job
///
/// The job waits in the tenant's queue until a worker takes it.
#[utoipa::path(
    post, path = "/v1/jobs", tag = "jobs", params(SubmitParams), request_body = SubmitRequest,
    security(("token" = ["jobs:write"])),
    responses(
        (status = 202, description = "The job is queued.", body = JobView,
         headers(("Location" = String, description = "Where the job is"))),
        (status = 200, description = "With `dry_run`: a submit would be accepted.", body = DryRun),
        (status = 400, description = "The body is not JSON, or a field is unknown, missing or of the wrong type."),
        (status = 413, description = "The body is too large."),
        (status = 415, description = "The body is not announced as JSON."),
        (status = 422, description = "The input does not fit the kind, or another value cannot be."),
    ),
)]
pub(crate) async fn submit_job(
    TenantCaller { tenant, .. }: TenantCaller<JobsWrite>,
    State(state): State<ApiState>,
    Query(SubmitParams { dry_run }): Query<SubmitParams>,
    Json(request): Json<SubmitRequest>,
) -> Result<Response, Problem> {
    let submission = request.into_submission();
    let refuse = |error| match error {
        full @ SubmitError::QueueFull { .. } => {
            Problem::from(full).with_retry_after(state.options.queue_full_retry)
        }
        other => other.into(),
    };
    if dry_run {
        let checked = state.engine.preflight(&tenant, &submission).await.map_err(refuse)?;
        let estimate = estimate(&state, &submission, checked.files.len());
        return Ok(axum::Json(DryRun { valid: true, warnings: checked.warnings, estimate }).into_response());
    }
    let id = state.engine.submit(&tenant, &submission).await.map_err(refuse)?;
    let job = found(state.engine.job(&tenant, id).await?)?;
    let location = [(header::LOCATION, format!("/v1/jobs/{id}"))];
    Ok((StatusCode::ACCEPTED, location, axum::Json(job)).into_response())
}

/// What a checked submission would take.
fn estimate(state: &ApiState, submission: &Submission, files: usize) -> Estimate {
    let defaults = state.engine.catalog().get(&submission.kind).map(|entry| &entry.info.defaults);
    let timeout = submission.timeout.or(defaults.map(|defaults| defaults.timeout)).unwrap_or_default();
    Estimate {
        files,
        max_attempts: submission.max_attempts.or(defaults.map(|d| d.max_attempts)).unwrap_or_default(),
        timeout_seconds: timeout.as_secs(),
    }
}
