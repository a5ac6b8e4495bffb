//! Workers: an operator sees them, and takes them out of service one by one.

mod drain;
mod list;
mod resume;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

/// The routes below `/v1/workers`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_workers))
        .routes(routes!(drain::drain_worker))
        .routes(routes!(resume::resume_worker))
        .layer(from_fn_with_state(options.request_timeout, within))
}
