//! `GET /v1/queue`: how each kind stands for the caller's tenant.

use axum::Json;
use axum::extract::State;

use crate::extract::{JobsRead, Query, TenantCaller};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::OwnQueueView;

/// Get one's own queue
///
/// What waits and runs of the tenant's jobs, by kind. It tells of the slots of a kind, which are everybody's, and of
/// pauses, and nothing of other tenants.
#[utoipa::path(
    get, path = "/v1/queue", tag = "jobs",
    security(("token" = ["jobs:read"])),
    responses((status = 200, description = "The kinds that the tenant may submit, or has jobs of.", body = OwnQueueView)),
)]
pub(crate) async fn get_queue(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    Query(()): Query<()>,
) -> Result<Json<OwnQueueView>, Problem> {
    let stats = state.engine.queue_stats(Some(&tenant)).await?;
    Ok(Json(OwnQueueView::new(&tenant, stats)))
}
