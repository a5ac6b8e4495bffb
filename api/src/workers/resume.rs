//! `POST /v1/workers/{id}/resume`: let a drained worker claim again.

use axum::Json;
use axum::extract::State;

use crate::extract::{Operator, Query, WorkerPath};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::WorkerView;

/// Resume a worker
///
/// It claims again from its next heartbeat on. Resuming a worker that does not drain is harmless.
#[utoipa::path(
    post, path = "/v1/workers/{id}/resume", tag = "workers",
    params(("id" = uuid::Uuid, Path, description = "The worker")),
    security(("token" = ["operator"])),
    extensions(("x-codes" = json!([Code::WorkerLost]))),
    responses(
        (status = 200, description = "The worker, as it is now.", body = WorkerView),
        (status = 404, description = "There is no such worker."),
        (status = 409, description = "The worker is lost."),
    ),
)]
pub(crate) async fn resume_worker(
    _: Operator,
    State(state): State<ApiState>,
    WorkerPath(id): WorkerPath,
    Query(()): Query<()>,
) -> Result<Json<WorkerView>, Problem> {
    Ok(Json(state.engine.resume_worker(id).await?.into()))
}
