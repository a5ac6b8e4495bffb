//! `GET /v1/batches/{id}`: how far a batch is.

use axum::Json;
use axum::extract::State;

use crate::extract::{BatchPath, JobsRead, Query, TenantCaller};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::BatchView;

/// Get a batch
///
/// Its jobs are counted at the moment of the question; `GET /v1/jobs?batch_id=…` lists them.
#[utoipa::path(
    get, path = "/v1/batches/{id}", tag = "jobs",
    params(("id" = uuid::Uuid, Path, description = "The batch")),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "The batch.", body = BatchView),
        (status = 404, description = "The tenant has no such batch."),
    ),
)]
pub(crate) async fn get_batch(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    BatchPath(id): BatchPath,
    Query(()): Query<()>,
) -> Result<Json<BatchView>, Problem> {
    let batch = state.engine.batch(&tenant, id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(batch.into()))
}
