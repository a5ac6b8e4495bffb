//! Postgres roles that may submit by SQL: an operator names them and takes the right back.

mod grant;
mod revoke;

use axum::middleware::from_fn_with_state;
use esteira_engine::Engine;
use esteira_engine::tenant::{Slug, Tenant};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::problem::{Code, Problem};
use crate::state::ApiState;

/// The routes below `/v1/tenants/{slug}/submitters`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(grant::grant_submit, revoke::revoke_submit))
        .layer(from_fn_with_state(options.request_timeout, within))
}

/// The tenant that a path names; `None` stays every tenant.
async fn named(engine: &Engine, slug: Option<&Slug>) -> Result<Option<Tenant>, Problem> {
    match slug {
        None => Ok(None),
        Some(slug) => {
            let tenant = engine.tenant(slug.as_str()).await?;
            // An operator may know which of the two names in the path is wrong.
            let missing = || Problem::new(Code::NotFound, format!("There is no tenant named {slug}."));
            Ok(Some(tenant.ok_or_else(missing)?))
        }
    }
}
