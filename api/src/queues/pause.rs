//! `POST /v1/queues/pause`: let no more jobs of a tenant, of a kind, or at all begin.

use axum::extract::State;
use esteira_engine::queue::PauseTarget;

use super::target::Target;
use crate::extract::{Json, Operator, Query};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::PauseView;

/// Pause queues
///
/// Jobs are taken as ever, and wait; what runs goes on. Pausing twice is harmless.
#[utoipa::path(
    post, path = "/v1/queues/pause", tag = "queues", request_body = Target,
    security(("token" = ["operator"])),
    extensions(("x-codes" = json!([Code::InvalidValue, Code::UnknownKind]))),
    responses(
        (status = 200, description = "The pause.", body = PauseView),
        (status = 400, description = "The body is not JSON, or a field is unknown or of the wrong type."),
        (status = 422, description = "There is no such tenant, or no such kind."),
    ),
)]
pub(crate) async fn pause_queues(
    _: Operator,
    State(state): State<ApiState>,
    Query(()): Query<()>,
    Json(target): Json<Target>,
) -> Result<axum::Json<PauseView>, Problem> {
    let target = PauseTarget::try_from(target)?;
    Ok(axum::Json(state.engine.pause(&target).await?.into()))
}
