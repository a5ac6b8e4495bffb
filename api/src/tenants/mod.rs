//! Tenants: an operator makes, lists, changes and removes them.

mod change;
mod create;
mod get;
mod limits;
mod list;
mod remove;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

/// The routes below `/v1/tenants` that are about tenants.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    let quick = OpenApiRouter::new()
        .routes(routes!(create::create_tenant, list::list_tenants))
        .routes(routes!(get::get_tenant, change::change_tenant))
        .layer(from_fn_with_state(options.request_timeout, within));
    // Removing a tenant deletes its objects, which takes as long as there are some.
    let long = OpenApiRouter::new()
        .routes(routes!(remove::remove_tenant))
        .layer(from_fn_with_state(options.long_request_timeout, within));
    quick.merge(long)
}
