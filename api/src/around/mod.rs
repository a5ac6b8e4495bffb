//! What is asked by machines that watch: does the process live, can it work, and what is its API?

mod healthz;
mod readyz;
mod remembered;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

pub(crate) use readyz::ReadinessView;
pub(crate) use remembered::Remembered;

/// The routes that need no token.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(healthz::get_health))
        .routes(routes!(readyz::get_readiness))
        .layer(from_fn_with_state(options.request_timeout, within))
}
