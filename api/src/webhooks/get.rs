//! `GET /v1/webhooks/{id}`: one webhook, and how it fares.

use axum::Json;
use axum::extract::State;

use crate::extract::{Query, WebhookOwner, WebhookPath};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::WebhookView;

/// Get a webhook
#[utoipa::path(
    get, path = "/v1/webhooks/{id}", tag = "webhooks",
    params(("id" = uuid::Uuid, Path, description = "The webhook")),
    security(("token" = ["webhooks:write"]), ("token" = ["tenant:admin"])),
    responses(
        (status = 200, description = "The webhook.", body = WebhookView),
        (status = 404, description = "The tenant has no such webhook."),
    ),
)]
pub(crate) async fn get_webhook(
    WebhookOwner(tenant): WebhookOwner,
    State(state): State<ApiState>,
    WebhookPath(id): WebhookPath,
    Query(()): Query<()>,
) -> Result<Json<WebhookView>, Problem> {
    Ok(Json(state.engine.webhook(&tenant, id).await?.into()))
}
