//! `POST /v1/jobs/{id}/retry`: give a job that ended another chance.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use esteira_engine::queue::RetryError;

use super::get::found;
use super::submit::{LIMIT_BUSY, queue_full};
use crate::extract::{JobPath, JobsWrite, Query, TenantCaller};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::JobView;

impl From<RetryError> for Problem {
    fn from(error: RetryError) -> Self {
        let sentence = format!("{error}.");
        match error {
            RetryError::Unknown => Self::not_found(),
            RetryError::NotRetryable(state) => Self::new(
                Code::JobNotRetryable,
                format!("The job is {state}; only a failed or cancelled one can be retried."),
            ),
            RetryError::Suspended => Self::new(Code::TenantSuspended, "The tenant is suspended."),
            RetryError::KindNotAllowed(_) => {
                Self::new(Code::KindNotAllowed, "This tenant may not use the kind any more.")
            }
            RetryError::QueueFull { limit } => queue_full(sentence, limit),
            RetryError::LimitBusy => Self::new(Code::Unavailable, sentence).with_retry_after(LIMIT_BUSY),
            RetryError::NeedFailed(_) => Self::new(Code::DependencyFailed, sentence),
            RetryError::CopyIsLive => Self::new(Code::JobNotRetryable, sentence),
            RetryError::KeyInUse => Self::new(Code::UniqueKeyInUse, sentence),
            RetryError::Database(error) => error.into(),
        }
    }
}

/// Retry a job
///
/// A failed or cancelled job is queued again, with all its attempts, and runs at once, even one that was cancelled before
/// its `run_at`; a job that it depends on must have succeeded, or it waits for that one to.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/retry", tag = "jobs",
    params(("id" = uuid::Uuid, Path, description = "The job")),
    security(("token" = ["jobs:write"])),
    extensions(("x-codes" = json!([
        Code::JobNotRetryable, Code::UniqueKeyInUse, Code::DependencyFailed, Code::TenantSuspended, Code::KindNotAllowed, Code::QueueFull,
    ]))),
    responses(
        (status = 202, description = "The job, queued again.", body = JobView),
        (status = 404, description = "The tenant has no such job."),
        (status = 409, description = "The job has not failed and is not cancelled, or its unique key is in use, or a job that it depends on did not succeed."),
    ),
)]
pub(crate) async fn retry_job(
    TenantCaller { tenant, .. }: TenantCaller<JobsWrite>,
    State(state): State<ApiState>,
    JobPath(id): JobPath,
    Query(()): Query<()>,
) -> Result<(StatusCode, Json<JobView>), Problem> {
    state.engine.retry(&tenant, id).await.map_err(|error| match error {
        full @ RetryError::QueueFull { .. } => {
            Problem::from(full).with_retry_after(state.options.queue_full_retry)
        }
        other => other.into(),
    })?;
    let job = found(state.engine.job(&tenant, id).await?)?;
    Ok((StatusCode::ACCEPTED, Json(job)))
}
