//! Keys of operators: `esteira migrate` makes them, an operator lists them and takes old ones back.

mod list;
mod revoke;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

/// The routes below `/v1/operator-keys`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_operator_keys))
        .routes(routes!(revoke::revoke_operator_key))
        .layer(from_fn_with_state(options.request_timeout, within))
}
