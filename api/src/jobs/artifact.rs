//! `GET /v1/jobs/{id}/artifacts/{name}`: a link to a file that a job made.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use esteira_engine::artifact::{ArtifactLink, LinkError};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::clock;
use crate::extract::{ArtifactPath, FromParams, JobsRead, Params, Query, TenantCaller};
use crate::options::ApiOptions;
use crate::problem::Problem;
use crate::state::ApiState;

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Database(error) => error.into(),
            LinkError::Store(error) => error.into(),
        }
    }
}

/// How the link is given.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ArtifactParams {
    /// `false` gives the link as JSON instead of following it.
    #[param(required = false, default = true)]
    pub redirect: bool,
}

impl FromParams for ArtifactParams {
    fn from_params(params: &mut Params, _: &ApiOptions) -> Self {
        Self { redirect: params.parsed("redirect").unwrap_or(true) }
    }
}

/// A link to a file.
#[derive(Serialize, ToSchema)]
pub(crate) struct Link {
    /// The address. Whoever has it may read the file, so treat it like a key.
    #[schema(example = "https://esteira.s3.sa-east-1.amazonaws.com/artifacts/video.mp4?X-Amz-Signature=…")]
    url: String,
    /// Until when it is good.
    expires_at: DateTime<Utc>,
}

/// Get an artifact
///
/// Leads to a presigned link that is good for 15 minutes. The name may contain `/`.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/artifacts/{*name}", tag = "jobs",
    params(
        ("id" = uuid::Uuid, Path, description = "The job"),
        ("name" = String, Path, description = "The name of the artifact; it may contain `/`", example = "video.mp4"),
        ArtifactParams,
    ),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 302, description = "The file is there.",
         headers(("Location" = String, description = "The presigned link"))),
        (status = 200, description = "With `redirect=false`: the link.", body = Link),
        (status = 404, description = "The tenant has no such job, or the job has no such artifact."),
    ),
)]
pub(crate) async fn get_artifact(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    ArtifactPath(job, name): ArtifactPath,
    Query(ArtifactParams { redirect }): Query<ArtifactParams>,
) -> Result<Response, Problem> {
    let asked_at = clock::now();
    let link = state.engine.artifact_link(&tenant, job, &name).await?.ok_or_else(Problem::not_found)?;
    Ok(leading_to(link, asked_at, redirect))
}

/// The answer that gives a link, followed or as JSON.
pub(crate) fn leading_to(link: ArtifactLink, asked_at: DateTime<Utc>, redirect: bool) -> Response {
    if redirect {
        (StatusCode::FOUND, [(header::LOCATION, link.url)]).into_response()
    } else {
        axum::Json(Link { url: link.url, expires_at: asked_at + link.good_for }).into_response()
    }
}
