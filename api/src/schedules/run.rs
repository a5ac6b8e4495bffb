//! `POST /v1/schedules/{id}/run`: submit its job now, besides its due times.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::extract::{Query, ScheduleOwner, SchedulePath};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::RunView;

/// Run a schedule now
///
/// Also where it is paused. While the run before is not over, its `overlap` decides: `skip` is a 409, `queue` waits,
/// `replace` cancels the one before.
#[utoipa::path(
    post, path = "/v1/schedules/{id}/run", tag = "schedules",
    params(("id" = uuid::Uuid, Path, description = "The schedule")),
    security(("token" = ["schedules:write"])),
    extensions(("x-codes" = json!([
        Code::ScheduleBusy, Code::InvalidInput, Code::InvalidValue, Code::UnknownKind, Code::KindNotAllowed,
        Code::TenantSuspended, Code::QueueFull,
    ]))),
    responses(
        (status = 202, description = "The run, with its job where that does not wait.", body = RunView),
        (status = 404, description = "The tenant has no such schedule."),
        (status = 409, description = "The run before is not over."),
        (status = 422, description = "The job would not be taken any more."),
    ),
)]
pub(crate) async fn run_schedule(
    ScheduleOwner(tenant): ScheduleOwner,
    State(state): State<ApiState>,
    SchedulePath(id): SchedulePath,
    Query(()): Query<()>,
) -> Result<(StatusCode, Json<RunView>), Problem> {
    let run = state.engine.run_schedule(&tenant, id, state.options.max_waiting_runs).await?;
    Ok((StatusCode::ACCEPTED, Json(run.into())))
}
