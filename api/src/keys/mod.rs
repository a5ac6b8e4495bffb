//! API keys of a tenant: an operator makes, lists and revokes them, or the tenant's own administrator. And whose
//! the caller's own is.

mod create;
mod list;
mod me;
mod revoke;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

/// The routes below `/v1/tenants/{slug}/keys`, and `/v1/me`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(create::create_key, list::list_keys))
        .routes(routes!(revoke::revoke_key))
        .routes(routes!(me::get_me))
        .layer(from_fn_with_state(options.request_timeout, within))
}
