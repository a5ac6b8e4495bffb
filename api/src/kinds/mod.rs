//! Kinds of work: their manuals.

mod get;
mod list;

use axum::middleware::from_fn_with_state;
use esteira_engine::tenant::Caller;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

/// The routes below `/v1/kinds`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_kinds))
        .routes(routes!(get::get_kind))
        .layer(from_fn_with_state(options.request_timeout, within))
}

/// Whether a caller may submit a kind, and so is shown its manual.
fn is_shown(caller: &Caller, kind: &str) -> bool {
    let allowed = caller.tenant.as_ref().and_then(|tenant| tenant.limits.kinds.as_ref());
    allowed.is_none_or(|kinds| kinds.iter().any(|allowed| allowed == kind))
}
