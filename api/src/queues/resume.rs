//! `POST /v1/queues/resume`: take a pause away.

use axum::extract::State;
use esteira_engine::queue::PauseTarget;

use super::target::Target;
use crate::extract::{Json, Operator, Query};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::ResumedView;

/// Resume queues
///
/// Takes away the pause of exactly this tenant and kind; wider ones stay, and are named in the answer.
/// Resuming what is not paused is harmless.
#[utoipa::path(
    post, path = "/v1/queues/resume", tag = "queues", request_body = Target,
    security(("token" = ["operator"])),
    extensions(("x-codes" = json!([Code::InvalidValue, Code::UnknownKind]))),
    responses(
        (status = 200, description = "What was done, and what still holds the jobs back.", body = ResumedView),
        (status = 400, description = "The body is not JSON, or a field is unknown or of the wrong type."),
        (status = 422, description = "There is no such tenant, or no such kind."),
    ),
)]
pub(crate) async fn resume_queues(
    _: Operator,
    State(state): State<ApiState>,
    Query(()): Query<()>,
    Json(target): Json<Target>,
) -> Result<axum::Json<ResumedView>, Problem> {
    let target = PauseTarget::try_from(target)?;
    Ok(axum::Json(state.engine.resume(&target).await?.into()))
}
