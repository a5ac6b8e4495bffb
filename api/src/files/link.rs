//! `GET /v1/uploads/{id}/content`: a link to a file that the tenant brought.

use axum::extract::State;
use axum::response::Response;

use crate::clock;
use crate::extract::{JobsRead, Query, TenantCaller, UploadPath};
use crate::jobs::{ArtifactParams, Link, leading_to};
use crate::problem::Problem;
use crate::state::ApiState;

/// Get an upload
///
/// Leads to a presigned link that is good for 15 minutes.
#[utoipa::path(
    get, path = "/v1/uploads/{id}/content", tag = "files",
    params(("id" = Uuid, Path, description = "The upload"), ArtifactParams),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 302, description = "The file is there.",
         headers(("Location" = String, description = "The presigned link"))),
        (status = 200, description = "With `redirect=false`: the link.", body = Link),
        (status = 404, description = "There is no such upload, or it is not completed."),
    ),
)]
pub(crate) async fn get_upload(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    UploadPath(id): UploadPath,
    Query(ArtifactParams { redirect }): Query<ArtifactParams>,
) -> Result<Response, Problem> {
    let asked_at = clock::now();
    let link = state.engine.upload_link(&tenant, id).await?.ok_or_else(Problem::not_found)?;
    Ok(leading_to(link, asked_at, redirect))
}
