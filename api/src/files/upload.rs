//! `POST /v1/files`: bring a file; the body is the file, and streams through to the object store.

use std::io;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use esteira_engine::artifact::{NewFile, UploadError};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::body::reader;
use super::names::{is_file_name, is_media_type};
use crate::extract::{FromParams, JobsWrite, Params, Query, TenantCaller};
use crate::options::ApiOptions;
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::FileView;

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Suspended => Self::new(Code::TenantSuspended, "The tenant is suspended."),
            UploadError::TooLarge { limit } => too_large(limit),
            UploadError::QuotaReached { limit } => {
                Self::new(Code::StorageFull, format!("The tenant may keep {limit} bytes."))
            }
            UploadError::Broken(error) if error.kind() == io::ErrorKind::TimedOut => {
                Self::new(Code::BodyTimeout, "The file came too slowly.")
            }
            UploadError::Broken(_) => Self::new(Code::IncompleteBody, "The file did not arrive whole."),
            UploadError::Store(error) => error.into(),
            UploadError::Database(error) => error.into(),
        }
    }
}

pub(super) fn too_large(limit: u64) -> Problem {
    Problem::new(Code::BodyTooLarge, format!("The file may have {limit} bytes."))
}

/// The bytes of a file, as the description shows them.
pub(crate) struct Bytes;

impl PartialSchema for Bytes {
    fn schema() -> RefOr<Schema> {
        // `format` is how OpenAPI 3.0 says it, and most generators of clients look for that.
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .content_media_type("application/octet-stream")
            .into()
    }
}

impl ToSchema for Bytes {
    fn name() -> std::borrow::Cow<'static, str> {
        "FileBytes".into()
    }
}

/// What the file is called.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileParams {
    /// The name of the file: up to 255 bytes, without a path.
    #[param(max_length = 255, pattern = r"^(?!\.{1,2}$)[^/\\\x00-\x1f\x7f-\x9f]+$", example = "holiday.jpg")]
    file_name: String,
}

impl FromParams for FileParams {
    fn from_params(params: &mut Params, _: &ApiOptions) -> Self {
        let Some(file_name) = params.text("file_name") else {
            params.fault("file_name", "is missing: the name of the file, as in ?file_name=holiday.jpg");
            return Self { file_name: String::new() };
        };
        if !is_file_name(&file_name) {
            params
                .fault("file_name", "must be a name of 1 to 255 bytes, without a path or control characters");
        }
        Self { file_name }
    }
}

/// What the client says that the file is. Forms are what tools send when they were not told; curl's
/// `--data-binary` announces every file as `x-www-form-urlencoded`, which says nothing about it.
fn media_type(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(None) };
    let essence = value.to_str().ok().and_then(|value| value.split(';').next()).map(str::trim);
    let unfit = |detail: &str| Err(Problem::new(Code::UnsupportedMediaType, detail));
    match essence {
        Some("application/x-www-form-urlencoded") => Ok(None),
        Some(form) if form.starts_with("multipart/") => {
            unfit("Send the bytes of the file as the body, not a form (curl: --data-binary @FILE).")
        }
        Some(essence) if is_media_type(essence) => Ok(Some(essence.to_ascii_lowercase())),
        _ => unfit("The Content-Type is not a media type."),
    }
}

/// Whether the head announces a body that is larger than `limit`.
fn announces_more_than(headers: &HeaderMap, limit: u64) -> bool {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    announced.is_some_and(|bytes: u64| bytes > limit)
}

/// Bring a file
///
/// The body is the file itself. An input names it by the `uri` of the answer. An empty file is a file, too: it is kept,
/// and a kind that cannot use it says so.
#[utoipa::path(
    post, path = "/v1/files", tag = "files", params(FileParams),
    request_body(content = Bytes, content_type = "application/octet-stream", description = "The file"),
    security(("token" = ["jobs:write"])),
    extensions(("x-codes" = json!([Code::StorageFull, Code::TooManyAtOnce, Code::TenantSuspended]))),
    responses(
        (status = 201, description = "The file is kept.", body = FileView),
        (status = 400, description = "A parameter is wrong, or the body did not arrive whole."),
        (status = 408, description = "The body came too slowly."),
        (status = 413, description = "The file is too large, or the tenant's storage limit is reached."),
        (status = 415, description = "The body is a form."),
        (status = 429, description = "Too many requests, or too many uploads of the tenant are under way."),
    ),
)]
pub(crate) async fn upload_file(
    TenantCaller { tenant, .. }: TenantCaller<JobsWrite>,
    State(state): State<ApiState>,
    Query(FileParams { file_name }): Query<FileParams>,
    request: Request,
) -> Result<(StatusCode, axum::Json<FileView>), Problem> {
    let limit = state.options.file_bytes;
    if announces_more_than(request.headers(), limit) {
        return Err(too_large(limit));
    }
    let file = NewFile { file_name, media_type: media_type(request.headers())?, limit };
    let most = state.options.max_uploads_per_tenant;
    let Some(_place) = state.uploads.take(tenant.id, most) else {
        return Err(Problem::too_many_at_once("uploads", most));
    };
    let reader = reader(request.into_body(), state.options.body_idle_timeout);
    let upload = state.engine.put_file(&tenant, &file, reader).await?;
    Ok((StatusCode::CREATED, axum::Json(upload.into())))
}
