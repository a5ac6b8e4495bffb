//! Files that tenants bring: through this process, or by links straight to the object store.

mod body;
mod complete;
mod link;
mod names;
mod reserve;
mod upload;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

pub(crate) use upload::Bytes;

/// The routes below `/v1/files` and `/v1/uploads`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    let quick = OpenApiRouter::new()
        .routes(routes!(reserve::create_upload))
        .routes(routes!(link::get_upload))
        .layer(from_fn_with_state(options.request_timeout, within));
    // The one takes a file, the other reads one, which takes as long as it is large.
    let long = OpenApiRouter::new()
        .routes(routes!(upload::upload_file))
        .routes(routes!(complete::complete_upload))
        .layer(from_fn_with_state(options.long_request_timeout, within));
    quick.merge(long)
}
