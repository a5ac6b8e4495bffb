//! `DELETE /v1/tenants/{slug}/keys/{id}`: end a key.

use axum::extract::State;
use axum::http::StatusCode;

use crate::extract::{KeyAdmin, KeyPath, Query};
use crate::problem::Problem;
use crate::state::ApiState;

/// Revoke a key
///
/// It stops working at once, and stays in the list with its `revoked_at`. (Another process of the API that has lost its
/// connection for notifications at that moment may take it for `api.caller_seconds` more.)
#[utoipa::path(
    delete, path = "/v1/tenants/{slug}/keys/{id}", tag = "keys",
    params(
        ("slug" = String, Path, description = "The tenant", example = "acme"),
        ("id" = uuid::Uuid, Path, description = "The key"),
    ),
    security(("token" = ["operator"]), ("token" = ["tenant:admin"])),
    responses(
        (status = 204, description = "The key is revoked."),
        (status = 404, description = "The tenant has no such key that works."),
    ),
)]
pub(crate) async fn revoke_key(
    KeyAdmin(tenant): KeyAdmin,
    State(state): State<ApiState>,
    KeyPath(id): KeyPath,
    Query(()): Query<()>,
) -> Result<StatusCode, Problem> {
    let revoked = state.engine.revoke_key(&tenant, id).await?;
    if revoked { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}
