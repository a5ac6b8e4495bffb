//! `DELETE /v1/operator-keys/{id}`: end an operator's key.

use axum::extract::State;
use axum::http::StatusCode;
use esteira_engine::tenant::RevokeOperatorError;

use crate::extract::{KeyPath, Operator, Query};
use crate::problem::{Code, Problem};
use crate::state::ApiState;

impl From<RevokeOperatorError> for Problem {
    fn from(error: RevokeOperatorError) -> Self {
        match error {
            RevokeOperatorError::Unknown => Self::not_found(),
            RevokeOperatorError::Last => Self::new(
                Code::LastOperatorKey,
                "No other operator's key is valid. Make one first: `esteira migrate` with a new ESTEIRA_OPERATOR_KEY.",
            ),
            RevokeOperatorError::Database(error) => error.into(),
        }
    }
}

/// Revoke an operator's key
///
/// It stops working at once, and stays in the list with its `revoked_at`. The last that is valid cannot be revoked.
#[utoipa::path(
    delete, path = "/v1/operator-keys/{id}", tag = "keys",
    params(("id" = uuid::Uuid, Path, description = "The key")),
    security(("token" = ["operator"])),
    extensions(("x-codes" = json!([Code::LastOperatorKey]))),
    responses(
        (status = 204, description = "The key is revoked."),
        (status = 404, description = "There is no such key that works."),
        (status = 409, description = "It is the last one."),
    ),
)]
pub(crate) async fn revoke_operator_key(
    _: Operator,
    State(state): State<ApiState>,
    KeyPath(id): KeyPath,
    Query(()): Query<()>,
) -> Result<StatusCode, Problem> {
    state.engine.revoke_operator_key(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
