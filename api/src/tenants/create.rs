//! `POST /v1/tenants`: make a tenant.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use esteira_engine::migrate::MigrateError;
use esteira_engine::tenant::{BadSlug, CreateError, LimitsChange, Slug};
use serde::Deserialize;
use utoipa::ToSchema;

use super::limits;
use crate::extract::{Json, Operator, Query};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::{LimitsChangeView, TenantView};

impl From<CreateError> for Problem {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Exists(slug) => {
                Self::new(Code::TenantExists, format!("A tenant named {slug} exists already."))
            }
            error @ CreateError::NoCreateRole(_) => Self::new(Code::DatabasePrivilege, sentence(&error)),
            CreateError::Migrate(MigrateError::Database(error)) | CreateError::Database(error) => {
                error.into()
            }
            CreateError::Migrate(error) => Self::internal(&error),
        }
    }
}

/// An error's text as a sentence; the operator who reads it is the one who can mend it.
fn sentence(error: &CreateError) -> String {
    let text = error.to_string();
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}.", first.to_uppercase())
}

impl From<BadSlug> for Problem {
    fn from(error: BadSlug) -> Self {
        Self::value("/slug", error.to_string())
    }
}

/// A tenant to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"slug": "acme", "limits": {"max_running": 4, "requests_per_minute": 600}}))]
pub(crate) struct NewTenant {
    /// Its name, for good.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,39}$", example = "acme")]
    slug: String,
    /// What it may use; without limits where a field is absent.
    #[serde(default)]
    #[schema(value_type = LimitsChangeView, required = false)]
    limits: LimitsChange,
}

/// Make a tenant
///
/// A schema and a role of its own are there when the answer comes.
#[utoipa::path(
    post, path = "/v1/tenants", tag = "tenants", request_body = NewTenant,
    security(("token" = ["operator"])),
    extensions(("x-codes" = json!([Code::TenantExists, Code::InvalidValue, Code::DatabasePrivilege]))),
    responses(
        (status = 201, description = "The tenant is made.", body = TenantView,
         headers(("Location" = String, description = "Where the tenant is"))),
        (status = 400, description = "The body is not JSON, or a field is unknown, missing or of the wrong type."),
        (status = 409, description = "The slug is taken."),
        (status = 422, description = "The slug or a limit cannot be."),
    ),
)]
pub(crate) async fn create_tenant(
    _: Operator,
    State(state): State<ApiState>,
    Query(()): Query<()>,
    Json(NewTenant { slug, limits }): Json<NewTenant>,
) -> Result<impl IntoResponse, Problem> {
    let slug: Slug = slug.parse()?;
    limits::check(&limits, state.engine.catalog())?;
    let tenant = state.engine.create_tenant(&slug, &limits).await?;
    let location = [(header::LOCATION, format!("/v1/tenants/{slug}"))];
    Ok((StatusCode::CREATED, location, axum::Json(TenantView::from(tenant))))
}
