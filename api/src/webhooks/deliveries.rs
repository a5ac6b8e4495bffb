//! `GET /v1/webhooks/{id}/deliveries`: what a webhook was told and what it answered, newest first.

use axum::Json;
use axum::extract::State;
use esteira_engine::id::DeliveryId;
use esteira_engine::webhook::DeliveryState;
use utoipa::IntoParams;

use crate::cursor;
use crate::extract::{FromParams, PageParams, Params, Query, WebhookOwner, WebhookPath};
use crate::options::ApiOptions;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::{DeliveryView, Page};

/// The list, as cursors name it.
const LIST: &str = "deliveries";

/// Which deliveries are wanted, as the description shows it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only describes what DeliveriesWanted takes")]
pub(crate) struct FilterParams {
    /// In this state.
    #[param(schema_with = crate::view::delivery_state_schema, required = false)]
    state: Option<String>,
}

/// Which deliveries are wanted.
pub(crate) struct DeliveriesWanted {
    state: Option<DeliveryState>,
    after: Option<DeliveryId>,
    limit: u16,
}

impl FromParams for DeliveriesWanted {
    fn from_params(params: &mut Params, options: &ApiOptions) -> Self {
        let page = PageParams::from_params(params, options);
        Self { state: params.parsed("state"), after: page.after(LIST, params), limit: page.limit }
    }
}

/// List deliveries
///
/// Newest first, each with its last attempts. Follow `next_cursor` until it is null.
#[utoipa::path(
    get, path = "/v1/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = uuid::Uuid, Path, description = "The webhook"), FilterParams, PageParams),
    security(("token" = ["webhooks:write"]), ("token" = ["tenant:admin"])),
    responses(
        (status = 200, description = "A page of deliveries.", body = Page<DeliveryView>),
        (status = 400, description = "A parameter is wrong."),
        (status = 404, description = "The tenant has no such webhook."),
    ),
)]
pub(crate) async fn list_deliveries(
    WebhookOwner(tenant): WebhookOwner,
    State(api): State<ApiState>,
    WebhookPath(id): WebhookPath,
    Query(DeliveriesWanted { state, after, limit }): Query<DeliveriesWanted>,
) -> Result<Json<Page<DeliveryView>>, Problem> {
    let page = api.engine.deliveries(&tenant, id, state, after, limit).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(DeliveryView::from).collect(),
        next_cursor: page.next.map(|last| cursor::encode(LIST, &last)),
    }))
}
