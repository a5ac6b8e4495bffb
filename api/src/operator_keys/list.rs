//! `GET /v1/operator-keys`: the keys of operators.

use axum::Json;
use axum::extract::State;

use crate::extract::{Operator, Query};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::{OperatorKeyView, Page};

/// List the keys of operators
///
/// All of them at once, revoked ones too; `next_cursor` is always null.
#[utoipa::path(
    get, path = "/v1/operator-keys", tag = "keys",
    security(("token" = ["operator"])),
    responses((status = 200, description = "The keys.", body = Page<OperatorKeyView>)),
)]
pub(crate) async fn list_operator_keys(
    _: Operator,
    State(state): State<ApiState>,
    Query(()): Query<()>,
) -> Result<Json<Page<OperatorKeyView>>, Problem> {
    let keys = state.engine.operator_keys().await?;
    Ok(Json(Page { items: keys.into_iter().map(OperatorKeyView::from).collect(), next_cursor: None }))
}
