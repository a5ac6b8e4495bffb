//! `GET /v1/tenants/{slug}/usage`: what a tenant used, for operators.

use axum::Json;
use axum::extract::State;

use super::params::UsageParams;
use crate::extract::{Operator, Query, TenantPath};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::UsageView;

/// Get a tenant's usage
///
/// By day and kind; it adds up to the jobs, also to those that are kept no longer.
#[utoipa::path(
    get, path = "/v1/tenants/{slug}/usage", tag = "usage",
    params(("slug" = String, Path, description = "The tenant", example = "acme"), UsageParams),
    security(("token" = ["operator"])),
    responses(
        (status = 200, description = "What was used.", body = UsageView),
        (status = 400, description = "A parameter is wrong."),
        (status = 404, description = "There is no such tenant."),
    ),
)]
pub(crate) async fn get_tenant_usage(
    _: Operator,
    State(state): State<ApiState>,
    TenantPath(slug): TenantPath,
    Query(UsageParams { from, to, .. }): Query<UsageParams>,
) -> Result<Json<UsageView>, Problem> {
    let tenant = state.engine.tenant(slug.as_str()).await?.ok_or_else(Problem::not_found)?;
    let usage = state.engine.usage(&tenant, from, to).await?;
    Ok(Json(UsageView::new(&tenant, from, to, usage)))
}
