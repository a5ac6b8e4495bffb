//! `GET /v1/tenants/{slug}`: one tenant.

use axum::Json;
use axum::extract::State;

use crate::extract::{Operator, Query, TenantPath};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::TenantView;

/// Get a tenant
#[utoipa::path(
    get, path = "/v1/tenants/{slug}", tag = "tenants",
    params(("slug" = String, Path, description = "Its name", example = "acme")),
    security(("token" = ["operator"])),
    responses(
        (status = 200, description = "The tenant.", body = TenantView),
        (status = 404, description = "There is no such tenant."),
    ),
)]
pub(crate) async fn get_tenant(
    _: Operator,
    State(state): State<ApiState>,
    TenantPath(slug): TenantPath,
    Query(()): Query<()>,
) -> Result<Json<TenantView>, Problem> {
    let tenant = state.engine.tenant(slug.as_str()).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(tenant.into()))
}
