//! `GET /v1/usage`: what the caller's tenant used.

use axum::Json;
use axum::extract::State;

use super::params::UsageParams;
use crate::extract::{JobsRead, Query, TenantCaller};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::UsageView;

/// Get one's own usage
///
/// By day and kind; it adds up to the jobs, also to those that are kept no longer.
#[utoipa::path(
    get, path = "/v1/usage", tag = "usage", params(UsageParams),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "What was used.", body = UsageView),
        (status = 400, description = "A parameter is wrong."),
    ),
)]
pub(crate) async fn get_usage(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    Query(UsageParams { from, to, .. }): Query<UsageParams>,
) -> Result<Json<UsageView>, Problem> {
    let usage = state.engine.usage(&tenant, from, to).await?;
    Ok(Json(UsageView::new(&tenant, from, to, usage)))
}
