//! `GET /v1/webhooks`: a tenant's webhooks, the oldest first, without their secrets.

use axum::Json;
use axum::extract::State;

use crate::extract::{Query, WebhookOwner};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::{Page, WebhookView};

/// List webhooks
///
/// All of them at once; `next_cursor` is always null.
#[utoipa::path(
    get, path = "/v1/webhooks", tag = "webhooks",
    security(("token" = ["webhooks:write"]), ("token" = ["tenant:admin"])),
    responses((status = 200, description = "The webhooks.", body = Page<WebhookView>)),
)]
pub(crate) async fn list_webhooks(
    WebhookOwner(tenant): WebhookOwner,
    State(state): State<ApiState>,
    Query(()): Query<()>,
) -> Result<Json<Page<WebhookView>>, Problem> {
    let webhooks = state.engine.webhooks(&tenant).await?;
    Ok(Json(Page { items: webhooks.into_iter().map(WebhookView::from).collect(), next_cursor: None }))
}
