//! Files that tenants bring. Multipart uploads will be files beside this one's sibling.

mod body;
mod upload;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

/// The routes below `/v1/files`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(upload::upload_file))
        .layer(from_fn_with_state(options.long_request_timeout, within))
}
