//! `DELETE /v1/webhooks/{id}`: tell it nothing more.

use axum::extract::State;
use axum::http::StatusCode;

use crate::extract::{Query, WebhookOwner, WebhookPath};
use crate::problem::Problem;
use crate::state::ApiState;

/// Remove a webhook
///
/// What was not delivered yet is not delivered any more.
#[utoipa::path(
    delete, path = "/v1/webhooks/{id}", tag = "webhooks",
    params(("id" = uuid::Uuid, Path, description = "The webhook")),
    security(("token" = ["webhooks:write"]), ("token" = ["tenant:admin"])),
    responses(
        (status = 204, description = "The webhook is removed."),
        (status = 404, description = "The tenant has no such webhook."),
    ),
)]
pub(crate) async fn remove_webhook(
    WebhookOwner(tenant): WebhookOwner,
    State(state): State<ApiState>,
    WebhookPath(id): WebhookPath,
    Query(()): Query<()>,
) -> Result<StatusCode, Problem> {
    state.engine.remove_webhook(&tenant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
