//! `GET /v1/jobs/{id}/why`: what a job waits for.

use axum::Json;
use axum::extract::State;

use crate::extract::{JobPath, JobsRead, Query, TenantCaller};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::WhyView;

/// Explain a job
///
/// Every reason for which a job does not run yet. It tells of the tenant's own work and of the slots of the
/// kind, and nothing of other tenants.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/why", tag = "jobs",
    params(("id" = uuid::Uuid, Path, description = "The job")),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "Where the job stands, and what it waits for.", body = WhyView),
        (status = 404, description = "The tenant has no such job."),
    ),
)]
pub(crate) async fn explain_job(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    JobPath(id): JobPath,
    Query(()): Query<()>,
) -> Result<Json<WhyView>, Problem> {
    let why = state.engine.why(&tenant, id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(WhyView::new(id, why)))
}
