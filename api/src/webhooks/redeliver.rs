//! `POST /v1/webhooks/{id}/deliveries/{delivery}/redeliver`: send the same message once more.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::extract::{DeliveryPath, Query, WebhookOwner};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::WholeDeliveryView;

/// Redeliver
///
/// The same message under the same `webhook-id`, whatever became of it; tried from the beginning of the schedule.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/deliveries/{delivery}/redeliver", tag = "webhooks",
    params(
        ("id" = uuid::Uuid, Path, description = "The webhook"),
        ("delivery" = uuid::Uuid, Path, description = "The delivery"),
    ),
    security(("token" = ["webhooks:write"]), ("token" = ["tenant:admin"])),
    extensions(("x-codes" = json!([Code::WebhookDisabled]))),
    responses(
        (status = 202, description = "The delivery, which is pending now.", body = WholeDeliveryView),
        (status = 404, description = "The tenant has no such webhook, or the webhook no such delivery."),
        (status = 409, description = "The webhook is disabled."),
    ),
)]
pub(crate) async fn redeliver(
    WebhookOwner(tenant): WebhookOwner,
    State(state): State<ApiState>,
    DeliveryPath(id, delivery): DeliveryPath,
    Query(()): Query<()>,
) -> Result<(StatusCode, Json<WholeDeliveryView>), Problem> {
    let delivery = state.engine.redeliver(&tenant, id, delivery).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery.into())))
}
