//! `POST /v1/webhooks/{id}/test`: send a message of no meaning, to see whether it arrives.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::extract::{Query, WebhookOwner, WebhookPath};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::WholeDeliveryView;

/// Test a webhook
///
/// Sends an event of type `webhook.test`, signed as all others are, whatever events the webhook asks for.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/test", tag = "webhooks",
    params(("id" = uuid::Uuid, Path, description = "The webhook")),
    security(("token" = ["webhooks:write"]), ("token" = ["tenant:admin"])),
    extensions(("x-codes" = json!([Code::WebhookDisabled]))),
    responses(
        (status = 202, description = "The delivery, which is pending.", body = WholeDeliveryView),
        (status = 404, description = "The tenant has no such webhook."),
        (status = 409, description = "The webhook is disabled."),
    ),
)]
pub(crate) async fn test_webhook(
    WebhookOwner(tenant): WebhookOwner,
    State(state): State<ApiState>,
    WebhookPath(id): WebhookPath,
    Query(()): Query<()>,
) -> Result<(StatusCode, Json<WholeDeliveryView>), Problem> {
    let delivery = state.engine.test_webhook(&tenant, id).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery.into())))
}
