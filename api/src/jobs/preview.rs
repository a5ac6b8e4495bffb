//! `GET /v1/jobs/{id}/previews/{name}`: the beginning of a file that a job made, for a page that shows it.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tokio_util::io::ReaderStream;

use crate::extract::{ArtifactPath, JobsRead, Query, TenantCaller};
use crate::files::Bytes;
use crate::limit::UntilSent;
use crate::problem::{Code, Problem};
use crate::state::ApiState;

/// Preview an artifact
///
/// Its first 16 MiB (`api.preview_bytes`), through this process: for pages that show it, which may not read from the
/// bucket. Programs follow the link of the artifact itself. The name may contain `/`.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/previews/{*name}", tag = "jobs",
    params(
        ("id" = uuid::Uuid, Path, description = "The job"),
        ("name" = String, Path, description = "The name of the artifact; it may contain `/`", example = "video.mp4"),
    ),
    security(("token" = ["jobs:read"])),
    extensions(("x-codes" = json!([Code::TooManyAtOnce]))),
    responses(
        (status = 200, description = "The beginning of the file.", body = Bytes, content_type = "application/octet-stream"),
        (status = 404, description = "The tenant has no such job, or the job has no such artifact."),
        (status = 429, description = "Too many requests, or too many previews of the tenant are read already."),
        (status = 503, description = "The database or the object store is away."),
    ),
)]
pub(crate) async fn preview_artifact(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    ArtifactPath(job, name): ArtifactPath,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    let most = state.options.max_previews_per_tenant;
    let Some(place) = state.previews.take(tenant.id, most) else {
        return Err(Problem::too_many_at_once("previews", most));
    };
    let beginning = state.engine.artifact_beginning(&tenant, job, &name, state.options.preview_bytes).await?;
    let beginning = beginning.ok_or_else(Problem::not_found)?;
    // Bytes and nothing else, whatever the file claims to be: no browser makes a page of them.
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
    ];
    let body = Body::from_stream(ReaderStream::new(beginning));
    Ok((head, UntilSent::body(body, place)).into_response())
}
