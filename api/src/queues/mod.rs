//! Queues: an operator sees how each kind stands, and holds work back; a tenant sees its own.

mod list;
mod own;
mod pause;
mod resume;
mod target;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

/// The routes below `/v1/queues`, and `/v1/queue`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_queues))
        .routes(routes!(own::get_queue))
        .routes(routes!(pause::pause_queues))
        .routes(routes!(resume::resume_queues))
        .layer(from_fn_with_state(options.request_timeout, within))
}
