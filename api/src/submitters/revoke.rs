//! `DELETE /v1/tenants/{slug}/submitters/{role}`: end a role's right to submit by SQL.

use axum::extract::State;
use axum::http::StatusCode;

use super::named;
use crate::extract::{Operator, Query, SubmitterPath};
use crate::problem::Problem;
use crate::state::ApiState;

/// Take a role's right to submit by SQL back
///
/// From the next call on. A right for every tenant is taken back with `*`, and does not end with a single tenant's.
#[utoipa::path(
    delete, path = "/v1/tenants/{slug}/submitters/{role}", tag = "tenants",
    params(
        ("slug" = String, Path, description = "The tenant; `*` for every one", example = "acme"),
        ("role" = String, Path, description = "The role, as `pg_roles` names it", example = "shop"),
    ),
    security(("token" = ["operator"])),
    responses(
        (status = 204, description = "The right is taken back."),
        (status = 404, description = "There is no such tenant, or the role had no such right."),
    ),
)]
pub(crate) async fn revoke_submit(
    _: Operator,
    State(state): State<ApiState>,
    SubmitterPath(slug, role): SubmitterPath,
    Query(()): Query<()>,
) -> Result<StatusCode, Problem> {
    let tenant = named(&state.engine, slug.as_ref()).await?;
    if state.engine.revoke_submit(&role, tenant.as_ref()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found())
    }
}
