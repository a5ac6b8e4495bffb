//! `GET /v1/tenants/{slug}/keys`: a tenant's keys, newest first, without their texts.

use axum::Json;
use axum::extract::State;

use crate::extract::{KeyAdmin, Query};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::{KeyView, Page};

/// List keys
///
/// All of them at once, revoked ones too; `next_cursor` is always null.
#[utoipa::path(
    get, path = "/v1/tenants/{slug}/keys", tag = "keys",
    params(("slug" = String, Path, description = "The tenant", example = "acme")),
    security(("token" = ["operator"]), ("token" = ["tenant:admin"])),
    responses(
        (status = 200, description = "The keys.", body = Page<KeyView>),
        (status = 404, description = "There is no such tenant, or it is not the caller's."),
    ),
)]
pub(crate) async fn list_keys(
    KeyAdmin(tenant): KeyAdmin,
    State(state): State<ApiState>,
    Query(()): Query<()>,
) -> Result<Json<Page<KeyView>>, Problem> {
    let keys = state.engine.keys(&tenant).await?;
    Ok(Json(Page { items: keys.into_iter().map(KeyView::from).collect(), next_cursor: None }))
}
