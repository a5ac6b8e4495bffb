//! `POST /v1/jobs`: submit a job, or ask what a submit would say.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use esteira_engine::queue::{Submission, SubmitError, Submitted};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::get::found;
use super::request::SubmitRequest;
use crate::extract::{FromParams, JobsWrite, Json, Params, Query, TenantCaller};
use crate::options::ApiOptions;
use crate::problem::{Code, FieldError, Problem};
use crate::state::ApiState;
use crate::view::JobView;

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        let sentence = format!("{error}.");
        match error {
            SubmitError::UnknownKind(kind) => Self::unknown_kind(&kind),
            SubmitError::KindNotAllowed(_) => {
                Self::new(Code::KindNotAllowed, "This tenant may not use the kind.")
                    .with_errors([FieldError::new("/kind", "is not among the tenant's kinds")])
            }
            SubmitError::BadField { field, message } => Self::value(format!("/{field}"), message),
            SubmitError::BadFields(faults) => {
                let errors = faults.into_iter().map(|f| FieldError::new(format!("/{}", f.field), f.message));
                Self::new(Code::InvalidValue, "Values of the request are refused.").with_errors(errors)
            }
            SubmitError::BadInput(faults) => {
                let errors = faults
                    .into_iter()
                    .map(|fault| FieldError::new(format!("/input{}", fault.pointer), fault.message));
                Self::new(Code::InvalidInput, "The input does not fit the kind.").with_errors(errors)
            }
            SubmitError::Suspended => Self::new(Code::TenantSuspended, "The tenant is suspended."),
            SubmitError::ShuttingDown => Self::new(Code::Unavailable, "The process is shutting down."),
            SubmitError::QueueFull { limit } => queue_full(sentence, limit),
            SubmitError::Database(error) => error.into(),
        }
    }
}

/// The 429 of a full queue, with the fields of draft-ietf-httpapi-ratelimit-headers.
pub(super) fn queue_full(sentence: String, limit: i32) -> Problem {
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
        (status = 200, description = "With `dry_run`: a submit would be accepted. With `unique_key`: the job that has the key.",
         body = DryRun),
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
    let Submitted { job: id, existing } = state.engine.submit(&tenant, &submission).await.map_err(refuse)?;
    let job = found(state.engine.job(&tenant, id).await?)?;
    let location = [(header::LOCATION, format!("/v1/jobs/{id}"))];
    let status = if existing { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, location, axum::Json(job)).into_response())
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
