//! `POST /v1/jobs/batch`: submit many jobs at once, all or none.

use axum::extract::State;
use axum::response::Response;
use esteira_engine::queue::{BatchError, BatchJob, SubmitError};

use super::answer::{BatchTaken, answering, respond};
use super::batch_request::{BatchJobRequest, BatchRequest};
use super::submit::refusal;
use crate::extract::{JobsWrite, Keyed, Query, TenantCaller};
use crate::problem::{Code, Problem};
use crate::state::ApiState;

/// The jobs that are refused, as one problem: of the sort of the first, with the faults of all.
fn refused(state: &ApiState, error: BatchError) -> Problem {
    match error {
        BatchError::Whole(SubmitError::BadField { field, message }) => {
            Problem::value("/jobs", format!("{field}: {message}"))
        }
        BatchError::Whole(error) => refusal(state, error),
        BatchError::Jobs(faults) => {
            let below = |(at, error)| Problem::from(error).below(&format!("/jobs/{at}"));
            let mut problems = faults.into_iter().map(below);
            let first = problems.next().unwrap_or_else(Problem::bare_internal);
            first.with_errors_of(problems)
        }
    }
}

/// Submit a batch of jobs
///
/// Up to 10,000 jobs, in one transaction: all of them or none. A fault names its job, as in
/// `/jobs/17/input/source`. Jobs of the batch may depend on each other by `ref`.
#[utoipa::path(
    post, path = "/v1/jobs/batch", tag = "jobs", request_body = BatchRequest,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]([ -~]*[!-~])?$",
            description = "The same key with the same body gives the first answer again, for 24 hours")),
    security(("token" = ["jobs:write"])),
    extensions(("x-codes" = json!([
        Code::InvalidInput, Code::InvalidValue, Code::UnknownKind, Code::KindNotAllowed, Code::TenantSuspended, Code::QueueFull,
    ]))),
    responses(
        (status = 202, description = "The jobs are queued.", body = BatchTaken,
         headers(("Location" = String, description = "Where the batch is"),
                 ("Idempotency-Replayed" = String, description = "`true`: this was answered before, and nothing done now"))),
        (status = 400, description = "The body is not JSON, or a field is unknown, missing or of the wrong type."),
        (status = 413, description = "The body is too large."),
        (status = 415, description = "The body is not announced as JSON."),
        (status = 422, description = "A job is refused, as it would be alone; or the jobs wait for each other; or the key came with another request."),
    ),
)]
pub(crate) async fn submit_batch(
    TenantCaller { tenant, .. }: TenantCaller<JobsWrite>,
    State(state): State<ApiState>,
    Query(()): Query<()>,
    Keyed { value: BatchRequest { jobs }, key, room: _room }: Keyed<BatchRequest>,
) -> Result<Response, Problem> {
    let most = state.options.batch_jobs;
    if jobs.is_empty() || jobs.len() > most {
        return Err(Problem::value("/jobs", format!("must have between 1 and {most} jobs")));
    }
    let jobs: Vec<BatchJob> = jobs.into_iter().map(BatchJobRequest::into_batch_job).collect();
    let once = state.engine.submit_batch(&tenant, &jobs, key.as_ref(), &answering).await;
    once.map(respond).map_err(|error| refused(&state, error))
}
