//! `POST /v1/uploads/{id}/complete`: say that every part is brought; the file is looked at, and can be named then.

use axum::extract::State;
use esteira_engine::artifact::{BroughtPart, CompleteError};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{JobsWrite, Json, Query, TenantCaller, UploadPath};
use crate::problem::{Code, FieldError, Problem};
use crate::state::ApiState;
use crate::view::FileView;

/// The longest `ETag` that is read.
const ETAG_BYTES: usize = 200;

impl From<CompleteError> for Problem {
    fn from(error: CompleteError) -> Self {
        match error {
            CompleteError::Unknown => Self::not_found(),
            CompleteError::Suspended => Self::new(Code::TenantSuspended, "The tenant is suspended."),
            CompleteError::Expired => {
                Self::new(Code::UploadExpired, "The upload's time is over. Announce it anew.")
            }
            CompleteError::BadParts(message) => Self::value("/parts", message),
            CompleteError::Incomplete(what) => {
                let detail = format!("Not complete yet: {what}. Bring what lacks, and complete again.");
                Self::new(Code::UploadIncomplete, detail)
            }
            CompleteError::Mismatch(mismatches) => {
                let error = |found: esteira_engine::artifact::Mismatch| {
                    FieldError::new(format!("/{}", found.field), found.message)
                };
                let detail = "The file is not the one that was announced. It is deleted; announce it anew.";
                Self::new(Code::UploadMismatch, detail).with_errors(mismatches.into_iter().map(error))
            }
            CompleteError::Store(error) => error.into(),
            CompleteError::Database(error) => error.into(),
        }
    }
}

/// The parts that were brought.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Completion {
    /// Every part of the upload, once.
    #[schema(max_items = 10_000)]
    parts: Vec<CompletedPart>,
}

/// A part that was brought.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompletedPart {
    /// Its number.
    #[schema(minimum = 1, maximum = 10_000)]
    number: i32,
    /// The `ETag` of the answer to its PUT, with or without its quotes.
    #[schema(min_length = 1, max_length = 200, example = "5d41402abc4b2a76b9719d911017c592")]
    etag: String,
}

impl Completion {
    fn brought(self) -> Result<Vec<BroughtPart>, Problem> {
        let mut faults = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            let tag = part.etag.trim_matches('"');
            if tag.is_empty() || tag.len() > ETAG_BYTES || !tag.bytes().all(|byte| byte.is_ascii_graphic()) {
                faults.push(FieldError::new(
                    format!("/parts/{at}/etag"),
                    "is not the ETag of an answer to the part's PUT",
                ));
            }
        }
        if !faults.is_empty() {
            let problem = Problem::new(Code::InvalidValue, "Values of the request are refused.");
            return Err(problem.with_errors(faults));
        }
        let brought = |part: CompletedPart| BroughtPart { number: part.number, etag: part.etag };
        Ok(self.parts.into_iter().map(brought).collect())
    }
}

/// Complete an upload
///
/// Size, SHA-256 and media type are compared with what was announced; a media type is refused only where the file's
/// first bytes clearly say otherwise. Asked again, it answers the same.
#[utoipa::path(
    post, path = "/v1/uploads/{id}/complete", tag = "files",
    params(("id" = Uuid, Path, description = "The upload")), request_body = Completion,
    security(("token" = ["jobs:write"])),
    extensions(("x-codes" = json!([
        Code::UploadExpired, Code::UploadIncomplete, Code::UploadMismatch, Code::InvalidValue, Code::TenantSuspended,
    ]))),
    responses(
        (status = 200, description = "The file is kept.", body = FileView),
        (status = 400, description = "The body is not JSON, or a field is unknown, missing or of the wrong type."),
        (status = 404, description = "There is no such upload."),
        (status = 409, description = "A part was not brought yet, or the upload's time is over."),
        (status = 413, description = "The body is too large."),
        (status = 415, description = "The body is not announced as JSON."),
        (status = 422, description = "The parts cannot be joined, or the file is not the one that was announced."),
    ),
)]
pub(crate) async fn complete_upload(
    TenantCaller { tenant, .. }: TenantCaller<JobsWrite>,
    State(state): State<ApiState>,
    UploadPath(id): UploadPath,
    Query(()): Query<()>,
    Json(completion): Json<Completion>,
) -> Result<axum::Json<FileView>, Problem> {
    let parts = completion.brought()?;
    let most = state.options.max_uploads_per_tenant;
    let Some(_place) = state.uploads.take(tenant.id, most) else {
        return Err(Problem::too_many_at_once("uploads", most));
    };
    // Whoever comes second finds the file completed, as a client does that asks again.
    let _turn = state.completions.take((tenant.id, id)).await;
    let patience = state.options.long_request_timeout;
    let upload = state.engine.complete_upload(&tenant, id, &parts, patience).await?;
    Ok(axum::Json(upload.into()))
}
