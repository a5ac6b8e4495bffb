//! `GET /healthz`: the process lives.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The process lives.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Does the process live?
///
/// Asks nothing of the database or the store: a restart would not mend those.
#[utoipa::path(
    get, path = "/healthz", tag = "around",
    responses((status = 200, description = "It does.", body = Health)),
)]
pub(crate) async fn get_health() -> Json<Health> {
    Json(Health { status: "ok" })
}
