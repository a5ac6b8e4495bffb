//! `GET /v1/me`: whose token is this, and what may it do?

use axum::Json;

use crate::extract::{Anybody, Query};
use crate::view::MeView;

/// Who am I
///
/// The tenant of the token, with its limits, and its scopes.
#[utoipa::path(
    get, path = "/v1/me", tag = "keys", security(("token" = [])),
    responses((status = 200, description = "What the token stands for.", body = MeView)),
)]
pub(crate) async fn get_me(Anybody(caller): Anybody, Query(()): Query<()>) -> Json<MeView> {
    Json(caller.into())
}
