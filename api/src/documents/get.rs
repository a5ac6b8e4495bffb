//! `GET /v1/documents/{id}`: one document, without what it says.

use axum::Json;
use axum::extract::State;

use crate::extract::{DocumentPath, JobsRead, Query, TenantCaller};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::DocumentView;

/// Get a document
///
/// What it says is in the artifacts of its job, and can be searched by `GET /v1/search`.
#[utoipa::path(
    get, path = "/v1/documents/{id}", tag = "documents",
    params(("id" = uuid::Uuid, Path, description = "The document")),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "The document.", body = DocumentView),
        (status = 404, description = "The tenant has no such document."),
    ),
)]
pub(crate) async fn get_document(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    DocumentPath(id): DocumentPath,
    Query(()): Query<()>,
) -> Result<Json<DocumentView>, Problem> {
    let document = state.engine.document(&tenant, id).await?;
    document.map(|document| Json(document.into())).ok_or_else(Problem::not_found)
}
