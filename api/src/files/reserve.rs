//! `POST /v1/uploads`: announce a file, and get the links by which it goes straight to the object store.

use axum::extract::State;
use axum::http::StatusCode;
use esteira_engine::artifact::{Announcement, ReserveError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::names::{is_file_name, is_media_type};
use super::upload::too_large;
use crate::extract::{JobsWrite, Json, Query, TenantCaller};
use crate::problem::{Code, FieldError, Problem};
use crate::state::ApiState;
use crate::view::UploadView;

impl From<ReserveError> for Problem {
    fn from(error: ReserveError) -> Self {
        match error {
            ReserveError::Suspended => Self::new(Code::TenantSuspended, "The tenant is suspended."),
            ReserveError::NotMigrated => {
                Self::new(Code::Unavailable, "The tenant's schema is not of this version yet. Try again.")
            }
            ReserveError::QuotaReached { limit } => {
                let detail =
                    format!("The tenant may keep {limit} bytes, those of announced uploads included.");
                Self::new(Code::StorageFull, detail)
            }
            ReserveError::TooMany { most } => Self::too_many_at_once("unfinished uploads", most),
            ReserveError::Store(error) => error.into(),
            ReserveError::Database(error) => error.into(),
        }
    }
}

/// A file that is to be brought.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"file_name": "holiday.mp4", "media_type": "video/mp4", "bytes": 73_400_320}))]
pub(crate) struct NewUpload {
    /// The name of the file, without a path.
    #[schema(min_length = 1, max_length = 255, example = "holiday.mp4")]
    file_name: String,
    /// Its media type. `application/octet-stream` if you do not know: its first bytes tell then.
    #[schema(max_length = 127, example = "video/mp4")]
    media_type: String,
    /// Its size. An empty file goes by `POST /v1/files`.
    #[schema(minimum = 1, example = 73_400_320)]
    bytes: i64,
    /// Its SHA-256 in hexadecimal; the completion compares it.
    #[schema(pattern = "^[0-9a-fA-F]{64}$")]
    sha256: Option<String>,
}

impl NewUpload {
    /// What is announced, or every field that cannot be.
    fn announcement(self) -> Result<Announcement, Problem> {
        let mut faults = Vec::new();
        let mut bad = |pointer: &str, message: &str| faults.push(FieldError::new(pointer, message));
        if !is_file_name(&self.file_name) {
            bad("/file_name", "must be a name of 1 to 255 bytes, without a path or control characters");
        }
        if !is_media_type(&self.media_type) {
            bad("/media_type", "is not a media type like video/mp4");
        }
        let bytes = u64::try_from(self.bytes).unwrap_or(0);
        if bytes == 0 {
            bad("/bytes", "must be at least 1; an empty file goes by POST /v1/files");
        }
        let sha256 = self.sha256.map(|text| {
            let mut hash = [0; 32];
            hex::decode_to_slice(text, &mut hash).map(|()| hash)
        });
        let sha256 = sha256.transpose().unwrap_or_else(|_| {
            bad("/sha256", "must be 64 hexadecimal digits");
            None
        });
        if !faults.is_empty() {
            let problem = Problem::new(Code::InvalidValue, "Values of the request are refused.");
            return Err(problem.with_errors(faults));
        }
        let media_type = self.media_type.to_ascii_lowercase();
        Ok(Announcement { file_name: self.file_name, media_type, bytes, sha256 })
    }
}

/// Announce an upload
///
/// PUT each part to its link, with exactly its bytes and no token, in any order or at once; then complete the upload
/// with the `ETag` of each answer. An upload that is not completed in time is given up.
#[utoipa::path(
    post, path = "/v1/uploads", tag = "files", request_body = NewUpload,
    security(("token" = ["jobs:write"])),
    extensions(("x-codes" = json!([
        Code::InvalidValue, Code::StorageFull, Code::TooManyAtOnce, Code::TenantSuspended,
    ]))),
    responses(
        (status = 201, description = "The upload can be brought.", body = UploadView),
        (status = 400, description = "The body is not JSON, or a field is unknown, missing or of the wrong type."),
        (status = 413, description = "The file is too large, or the tenant's storage limit is reached."),
        (status = 415, description = "The body is not announced as JSON."),
        (status = 422, description = "A value cannot be."),
        (status = 429, description = "Too many requests, or too many uploads of the tenant are not completed."),
    ),
)]
pub(crate) async fn create_upload(
    TenantCaller { tenant, .. }: TenantCaller<JobsWrite>,
    State(state): State<ApiState>,
    Query(()): Query<()>,
    Json(new): Json<NewUpload>,
) -> Result<(StatusCode, axum::Json<UploadView>), Problem> {
    let file = new.announcement()?;
    let limit = state.options.upload_bytes;
    if file.bytes > limit {
        return Err(too_large(limit));
    }
    let reserved = state.engine.reserve_upload(&tenant, &file, state.options.upload_terms).await?;
    Ok((StatusCode::CREATED, axum::Json(reserved.into())))
}
