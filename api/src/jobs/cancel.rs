//! `POST /v1/jobs/{id}/cancel`: stop a job.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use esteira_engine::queue::CancelError;

use super::get::found;
use crate::extract::{JobPath, JobsWrite, Query, TenantCaller};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::JobView;

impl From<CancelError> for Problem {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::Unknown => Self::not_found(),
            CancelError::Final(state) => Self::new(Code::JobFinal, format!("The job is {state} already.")),
            CancelError::Database(error) => error.into(),
        }
    }
}

/// Cancel a job
///
/// A job that waits is `cancelled` at once; one that runs is told, and ends within two seconds.
/// Cancelling a cancelled job is harmless.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/cancel", tag = "jobs",
    params(("id" = uuid::Uuid, Path, description = "The job")),
    security(("token" = ["jobs:write"])),
    extensions(("x-codes" = json!([Code::JobFinal]))),
    responses(
        (status = 202, description = "The job, as it is now.", body = JobView),
        (status = 404, description = "The tenant has no such job."),
        (status = 409, description = "The job has succeeded or failed already."),
    ),
)]
pub(crate) async fn cancel_job(
    TenantCaller { tenant, .. }: TenantCaller<JobsWrite>,
    State(state): State<ApiState>,
    JobPath(id): JobPath,
    Query(()): Query<()>,
) -> Result<(StatusCode, Json<JobView>), Problem> {
    state.engine.cancel(&tenant, id).await?;
    let job = found(state.engine.job(&tenant, id).await?)?;
    Ok((StatusCode::ACCEPTED, Json(job)))
}
