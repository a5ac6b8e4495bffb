//! `DELETE /v1/schedules/{id}`: let it be due no more.

use axum::extract::State;
use axum::http::StatusCode;

use crate::extract::{Query, ScheduleOwner, SchedulePath};
use crate::problem::Problem;
use crate::state::ApiState;

/// Remove a schedule
///
/// Its history goes with it; jobs that it has submitted stay.
#[utoipa::path(
    delete, path = "/v1/schedules/{id}", tag = "schedules",
    params(("id" = uuid::Uuid, Path, description = "The schedule")),
    security(("token" = ["schedules:write"])),
    responses(
        (status = 204, description = "The schedule is removed."),
        (status = 404, description = "The tenant has no such schedule."),
    ),
)]
pub(crate) async fn remove_schedule(
    ScheduleOwner(tenant): ScheduleOwner,
    State(state): State<ApiState>,
    SchedulePath(id): SchedulePath,
    Query(()): Query<()>,
) -> Result<StatusCode, Problem> {
    state.engine.remove_schedule(&tenant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
