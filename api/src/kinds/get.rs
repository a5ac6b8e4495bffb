//! `GET /v1/kinds/{kind}`: the manual of one kind.

use axum::Json;
use axum::extract::State;

use super::is_shown;
use crate::extract::{Anybody, KindPath, Query};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::KindView;

/// Get a kind
#[utoipa::path(
    get, path = "/v1/kinds/{kind}", tag = "kinds", security(("token" = [])),
    params(("kind" = String, Path, description = "Its name", example = "video.generate")),
    responses(
        (status = 200, description = "The kind.", body = KindView),
        (status = 404, description = "There is no such kind, or the tenant may not use it."),
    ),
)]
pub(crate) async fn get_kind(
    Anybody(caller): Anybody,
    State(state): State<ApiState>,
    KindPath(kind): KindPath,
    Query(()): Query<()>,
) -> Result<Json<KindView>, Problem> {
    let entry = state.engine.catalog().get(&kind).filter(|_| is_shown(&caller, &kind));
    entry.map(|entry| Json(KindView::from(&entry.info))).ok_or_else(Problem::not_found)
}
