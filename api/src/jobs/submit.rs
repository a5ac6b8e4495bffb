//! `POST /v1/jobs`: submit a job, or ask what a submit would say.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use esteira_engine::Preflight;
use esteira_engine::queue::{Once, Submission, SubmitError};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::answer::{answering, respond};
use super::request::SubmitRequest;
use crate::extract::{FromParams, JobsWrite, Keyed, Params, Query, TenantCaller};
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
            SubmitError::LimitBusy => Self::new(Code::Unavailable, sentence).with_retry_after(LIMIT_BUSY),
            SubmitError::KeyReused => Self::new(
                Code::IdempotencyKeyReused,
                "The `Idempotency-Key` came with another request before; use a new one for each.",
            ),
            SubmitError::Answer(error) => Self::internal(&error),
            SubmitError::Database(error) => error.into(),
        }
    }
}

/// How soon another try makes sense while somebody else counts a tenant's waiting jobs.
pub(super) const LIMIT_BUSY: Duration = Duration::from_secs(1);

/// The 429 of a full queue.
pub(super) fn queue_full(sentence: String, limit: i32) -> Problem {
    Problem::new(Code::QueueFull, sentence).with_limit("waiting", limit)
}

/// What a submit would say.
#[derive(Serialize, ToSchema)]
pub(crate) struct DryRun {
    /// Always true: what is not valid is answered by the problem that a submit would get.
    valid: bool,
    /// Things that will work, and may not be meant.
    #[schema(example = json!(["the picture is smaller than the video"]))]
    warnings: Vec<String>,
    /// What the job would take.
    estimate: EstimateView,
}

/// What a job would take, as far as it can be told from its input alone.
#[derive(Serialize, ToSchema)]
struct EstimateView {
    /// Files that it reads.
    files: usize,
    /// Attempts that it may have.
    max_attempts: u16,
    /// Seconds that one attempt may take.
    timeout_seconds: u64,
    /// CPU seconds of one attempt; null where the kind cannot tell.
    #[schema(required)]
    cpu_seconds: Option<f64>,
    /// Seconds that what it makes will last; null where that has none, or the kind cannot tell.
    #[schema(required)]
    output_seconds: Option<f64>,
}

/// What a 200 holds.
#[derive(Serialize, ToSchema)]
#[schema(as = SubmitAnswer)]
#[serde(untagged)]
#[expect(dead_code, reason = "only describes what the two answers are")]
pub(crate) enum NotNew {
    /// With `dry_run`.
    DryRun(DryRun),
    /// With `unique_key`: the job that has the key.
    Job(Box<JobView>),
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
    post, path = "/v1/jobs", tag = "jobs", request_body = SubmitRequest,
    params(SubmitParams,
           ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]([ -~]*[!-~])?$",
            description = "The same key with the same body gives the first answer again, for 24 hours")),
    security(("token" = ["jobs:write"])),
    extensions(("x-codes" = json!([
        Code::InvalidInput, Code::InvalidValue, Code::UnknownKind, Code::KindNotAllowed, Code::TenantSuspended, Code::QueueFull,
    ]))),
    responses(
        (status = 202, description = "The job is queued.", body = JobView,
         headers(("Location" = String, description = "Where the job is"),
                 ("Idempotency-Replayed" = String, description = "`true`: this was answered before, and nothing done now"))),
        (status = 200, description = "With `dry_run`: a submit would be accepted. With `unique_key`: the job that has the key.",
         body = NotNew),
        (status = 400, description = "The body is not JSON, or a field is unknown, missing or of the wrong type."),
        (status = 413, description = "The body is too large."),
        (status = 415, description = "The body is not announced as JSON."),
        (status = 422, description = "The input does not fit the kind, or another value cannot be; or the key came with another request."),
    ),
)]
pub(crate) async fn submit_job(
    TenantCaller { tenant, .. }: TenantCaller<JobsWrite>,
    State(state): State<ApiState>,
    Query(SubmitParams { dry_run }): Query<SubmitParams>,
    Keyed { value: request, key, room: _room }: Keyed<SubmitRequest>,
) -> Result<Response, Problem> {
    let submission = request.into_submission();
    let refuse = |error| refusal(&state, error);
    if dry_run {
        let preflight = state.engine.preflight(&tenant, &submission).await.map_err(refuse)?;
        return Ok(axum::Json(dry_run_of(&state, &submission, preflight)).into_response());
    }
    let once = match key {
        Some(key) => {
            state.engine.submit_once(&tenant, &submission, &key, &answering).await.map_err(refuse)?
        }
        None => {
            let taken = state.engine.submit_and_see(&tenant, &submission).await.map_err(refuse)?;
            Once::Now(answering(taken)?)
        }
    };
    Ok(respond(once))
}

/// The problem of a submit that was refused.
pub(super) fn refusal(state: &ApiState, error: SubmitError) -> Problem {
    let is_full = matches!(error, SubmitError::QueueFull { .. });
    let problem = Problem::from(error);
    if is_full { problem.with_retry_after(state.options.queue_full_retry) } else { problem }
}

/// What is said of a submission that would be taken.
fn dry_run_of(state: &ApiState, submission: &Submission, preflight: Preflight) -> DryRun {
    let Preflight { input, estimate } = preflight;
    let entry = state.engine.catalog().get(&submission.kind);
    let defaults = entry.map(|entry| &entry.info.defaults);
    let timeout = submission.timeout.or(defaults.map(|defaults| defaults.timeout)).unwrap_or_default();
    let mut warnings = input.warnings;
    warnings.extend(estimate.warnings);
    let limit = entry.map(|entry| entry.info.resources.cpu_seconds);
    if let (Some(wanted), Some(limit)) = (estimate.cpu_seconds, limit)
        && wanted > limit as f64
    {
        warnings.push(format!("it will likely need {wanted:.0} CPU seconds; an attempt may use {limit}"));
    }
    let estimate = EstimateView {
        files: input.files.len(),
        max_attempts: submission.max_attempts.or(defaults.map(|d| d.max_attempts)).unwrap_or_default(),
        timeout_seconds: timeout.as_secs(),
        cpu_seconds: estimate.cpu_seconds,
        output_seconds: estimate.output_seconds,
    };
    DryRun { valid: true, warnings, estimate }
}
