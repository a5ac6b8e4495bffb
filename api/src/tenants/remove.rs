//! `DELETE /v1/tenants/{slug}`: remove a tenant with all that is its.

use axum::extract::State;
use axum::http::StatusCode;
use esteira_engine::tenant::RemoveError;

use crate::extract::{Confirm, Operator, Query, TenantPath};
use crate::problem::{Code, FieldError, Problem};
use crate::state::ApiState;

impl From<RemoveError> for Problem {
    fn from(error: RemoveError) -> Self {
        match error {
            RemoveError::Unknown(_) => Self::not_found(),
            RemoveError::Bucket(error) => {
                Self::new(Code::WrongBucket, format!("Nothing is deleted: {error}."))
            }
            RemoveError::Store(error) => error.into(),
            RemoveError::Database(error) => error.into(),
        }
    }
}

/// The answer to a removal that names two tenants.
fn unconfirmed() -> Problem {
    Problem::new(Code::ConfirmationRequired, "Removing a tenant cannot be undone, and two are named.")
        .with_errors([FieldError::new("/confirm", "must be the slug of the tenant")])
}

/// Remove a tenant
///
/// Its jobs, files, keys, schema and role go, for good. With `confirm` the slug is given twice, as a command line asks
/// for it; another name there is refused. A removal that was broken off goes on with the next call.
#[utoipa::path(
    delete, path = "/v1/tenants/{slug}", tag = "tenants",
    params(("slug" = String, Path, description = "Its name", example = "acme"), Confirm),
    security(("token" = ["operator"])),
    extensions(("x-codes" = json!([Code::ConfirmationRequired, Code::WrongBucket]))),
    responses(
        (status = 204, description = "The tenant is gone."),
        (status = 400, description = "`confirm` is not the slug."),
        (status = 404, description = "There is no such tenant."),
    ),
)]
pub(crate) async fn remove_tenant(
    _: Operator,
    State(state): State<ApiState>,
    TenantPath(slug): TenantPath,
    Query(Confirm { confirm }): Query<Confirm>,
) -> Result<StatusCode, Problem> {
    if confirm.is_some_and(|confirm| confirm != slug.as_str()) {
        return Err(unconfirmed());
    }
    state.engine.remove_tenant(&slug).await?;
    Ok(StatusCode::NO_CONTENT)
}
