//! `GET /v1/webhooks/{id}/deliveries/{delivery}`: one delivery, with the body that is sent.

use axum::Json;
use axum::extract::State;

use crate::extract::{DeliveryPath, Query, WebhookOwner};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::WholeDeliveryView;

/// Get a delivery
#[utoipa::path(
    get, path = "/v1/webhooks/{id}/deliveries/{delivery}", tag = "webhooks",
    params(
        ("id" = uuid::Uuid, Path, description = "The webhook"),
        ("delivery" = uuid::Uuid, Path, description = "The delivery"),
    ),
    security(("token" = ["webhooks:write"]), ("token" = ["tenant:admin"])),
    responses(
        (status = 200, description = "The delivery.", body = WholeDeliveryView),
        (status = 404, description = "The tenant has no such webhook, or the webhook no such delivery."),
    ),
)]
pub(crate) async fn get_delivery(
    WebhookOwner(tenant): WebhookOwner,
    State(state): State<ApiState>,
    DeliveryPath(id, delivery): DeliveryPath,
    Query(()): Query<()>,
) -> Result<Json<WholeDeliveryView>, Problem> {
    Ok(Json(state.engine.delivery(&tenant, id, delivery).await?.into()))
}
