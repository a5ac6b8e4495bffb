//! `GET /v1/kinds`: the manual of every kind that the caller may submit.

use axum::Json;
use axum::extract::State;

use super::is_shown;
use crate::extract::{Anybody, Query};
use crate::state::ApiState;
use crate::view::{KindView, Page};

/// List kinds
///
/// All of them at once, by name; `next_cursor` is always null.
#[utoipa::path(
    get, path = "/v1/kinds", tag = "kinds", security(("token" = [])),
    responses((status = 200, description = "The kinds.", body = Page<KindView>)),
)]
pub(crate) async fn list_kinds(
    Anybody(caller): Anybody,
    State(state): State<ApiState>,
    Query(()): Query<()>,
) -> Json<Page<KindView>> {
    let shown = state.engine.catalog().iter().filter(|entry| is_shown(&caller, entry.info.name));
    Json(Page { items: shown.map(|entry| KindView::from(&entry.info)).collect(), next_cursor: None })
}
