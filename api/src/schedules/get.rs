//! `GET /v1/schedules/{id}`: one schedule, and when it is due next.

use axum::Json;
use axum::extract::State;

use crate::extract::{Query, SchedulePath, ScheduleReader};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::ScheduleView;

/// Get a schedule
#[utoipa::path(
    get, path = "/v1/schedules/{id}", tag = "schedules",
    params(("id" = uuid::Uuid, Path, description = "The schedule")),
    security(("token" = ["schedules:write"]), ("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "The schedule.", body = ScheduleView),
        (status = 404, description = "The tenant has no such schedule."),
    ),
)]
pub(crate) async fn get_schedule(
    ScheduleReader(tenant): ScheduleReader,
    State(state): State<ApiState>,
    SchedulePath(id): SchedulePath,
    Query(()): Query<()>,
) -> Result<Json<ScheduleView>, Problem> {
    Ok(Json(state.engine.schedule(&tenant, id).await?.into()))
}
