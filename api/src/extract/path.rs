//! Which thing does the path name? One that cannot exist is answered like one that does not.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use esteira_engine::id::{
    BatchId, DeliveryId, DocumentId, JobId, KeyId, ScheduleId, UploadId, WebhookId, WorkerId,
};
use esteira_engine::job::is_artifact_name;
use esteira_engine::tenant::Slug;

use crate::problem::Problem;
use crate::state::ApiState;

/// `{id}` of a job.
pub(crate) struct JobPath(pub JobId);
/// `{id}` of a job, and the `{name}` of one of its artifacts.
pub(crate) struct ArtifactPath(pub JobId, pub String);
/// `{id}` of a batch.
pub(crate) struct BatchPath(pub BatchId);
/// `{kind}`.
pub(crate) struct KindPath(pub String);
/// `{slug}` of a tenant.
pub(crate) struct TenantPath(pub Slug);
/// `{id}` of a key.
pub(crate) struct KeyPath(pub KeyId);
/// `{id}` of an upload.
pub(crate) struct UploadPath(pub UploadId);
/// `{id}` of a document.
pub(crate) struct DocumentPath(pub DocumentId);
/// `{id}` of a worker.
pub(crate) struct WorkerPath(pub WorkerId);
/// `{id}` of a schedule.
pub(crate) struct SchedulePath(pub ScheduleId);
/// `{id}` of a webhook.
pub(crate) struct WebhookPath(pub WebhookId);
/// `{id}` of a webhook, and the `{delivery}` of one of its deliveries.
pub(crate) struct DeliveryPath(pub WebhookId, pub DeliveryId);
/// `{slug}` of a tenant, or `None` for `*`, every tenant; and the `{role}` of a submitter by SQL.
pub(crate) struct SubmitterPath(pub Option<Slug>, pub String);

/// The text of one part of the path, decoded; text that is no UTF-8 names nothing.
async fn part(parts: &mut Parts, state: &ApiState, name: &str) -> Result<String, Problem> {
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
    let found = params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
    found.ok_or_else(Problem::not_found)
}

/// The same, as what it stands for.
async fn parsed<T: FromStr>(parts: &mut Parts, state: &ApiState, name: &str) -> Result<T, Problem> {
    part(parts, state, name).await?.parse().map_err(|_| Problem::not_found())
}

impl FromRequestParts<ApiState> for JobPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(parsed(parts, state, "id").await?))
    }
}

impl FromRequestParts<ApiState> for BatchPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(parsed(parts, state, "id").await?))
    }
}

impl FromRequestParts<ApiState> for ArtifactPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let name = part(parts, state, "name").await?;
        if !is_artifact_name(&name) {
            return Err(Problem::not_found());
        }
        Ok(Self(parsed(parts, state, "id").await?, name))
    }
}

impl FromRequestParts<ApiState> for KindPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(part(parts, state, "kind").await?))
    }
}

impl FromRequestParts<ApiState> for TenantPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(parsed(parts, state, "slug").await?))
    }
}

impl FromRequestParts<ApiState> for SubmitterPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let role = part(parts, state, "role").await?;
        // Postgres knows no such character, so no role has it.
        if role.contains('\0') {
            return Err(Problem::not_found());
        }
        let slug = match part(parts, state, "slug").await?.as_str() {
            "*" => None,
            text => Some(text.parse().map_err(|_| Problem::not_found())?),
        };
        Ok(Self(slug, role))
    }
}

impl FromRequestParts<ApiState> for KeyPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(parsed(parts, state, "id").await?))
    }
}

impl FromRequestParts<ApiState> for WorkerPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(parsed(parts, state, "id").await?))
    }
}

impl FromRequestParts<ApiState> for DocumentPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(parsed(parts, state, "id").await?))
    }
}

impl FromRequestParts<ApiState> for UploadPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(parsed(parts, state, "id").await?))
    }
}

impl FromRequestParts<ApiState> for SchedulePath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(parsed(parts, state, "id").await?))
    }
}

impl FromRequestParts<ApiState> for WebhookPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(parsed(parts, state, "id").await?))
    }
}

impl FromRequestParts<ApiState> for DeliveryPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(parsed(parts, state, "id").await?, parsed(parts, state, "delivery").await?))
    }
}
