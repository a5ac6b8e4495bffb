//! Documents that a tenant's jobs read: listed, shown, searched.

mod errors;
mod get;
mod list;
mod search;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

/// The routes below `/v1/documents`, and `/v1/search`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_documents))
        .routes(routes!(get::get_document))
        .routes(routes!(search::search_documents))
        .layer(from_fn_with_state(options.request_timeout, within))
}
