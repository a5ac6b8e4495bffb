//! What a tenant used: for itself, and for operators.

mod of_tenant;
mod own;
mod params;

use axum::middleware::from_fn_with_state;
use esteira_engine::usage::UsageError;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::problem::{Code, Problem};
use crate::state::ApiState;

/// `/v1/usage` and `/v1/tenants/{slug}/usage`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(own::get_usage))
        .routes(routes!(of_tenant::get_tenant_usage))
        .layer(from_fn_with_state(options.request_timeout, within))
}

impl From<UsageError> for Problem {
    fn from(error: UsageError) -> Self {
        match error {
            UsageError::NotMigrated => {
                Self::new(Code::Unavailable, "The tenant's schema is not of this version yet. Try again.")
            }
            UsageError::Database(error) => error.into(),
        }
    }
}
