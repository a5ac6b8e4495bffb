//! `POST /v1/workers/{id}/drain`: let a worker finish what it runs, and claim no more.

use axum::Json;
use axum::extract::State;
use esteira_engine::queue::DrainError;

use crate::extract::{Operator, Query, WorkerPath};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::WorkerView;

impl From<DrainError> for Problem {
    fn from(error: DrainError) -> Self {
        match error {
            DrainError::Unknown => Self::not_found(),
            DrainError::Lost => Self::new(
                Code::WorkerLost,
                "The worker was not heard of for longer than its lease; its jobs are rescued.",
            ),
            DrainError::Database(error) => error.into(),
        }
    }
}

/// Drain a worker
///
/// It is given no more jobs from now on, stays registered, and is `drained` once nothing runs. Draining
/// twice is harmless.
#[utoipa::path(
    post, path = "/v1/workers/{id}/drain", tag = "workers",
    params(("id" = uuid::Uuid, Path, description = "The worker")),
    security(("token" = ["operator"])),
    extensions(("x-codes" = json!([Code::WorkerLost]))),
    responses(
        (status = 200, description = "The worker, as it is now.", body = WorkerView),
        (status = 404, description = "There is no such worker."),
        (status = 409, description = "The worker is lost."),
    ),
)]
pub(crate) async fn drain_worker(
    _: Operator,
    State(state): State<ApiState>,
    WorkerPath(id): WorkerPath,
    Query(()): Query<()>,
) -> Result<Json<WorkerView>, Problem> {
    Ok(Json(state.engine.drain_worker(id).await?.into()))
}
