//! `PUT /v1/tenants/{slug}/submitters/{role}`: let a Postgres role submit by SQL.

use axum::extract::State;
use axum::http::StatusCode;

use super::named;
use crate::extract::{Operator, Query, SubmitterPath};
use crate::problem::{Code, Problem};
use crate::state::ApiState;

/// Let a role submit by SQL
///
/// Whoever has the role in force may call `esteira.submit` for the tenant. It gives no right to read. Granting twice
/// is harmless.
#[utoipa::path(
    put, path = "/v1/tenants/{slug}/submitters/{role}", tag = "tenants",
    params(
        ("slug" = String, Path, description = "The tenant; `*` for every one", example = "acme"),
        ("role" = String, Path, description = "The role, as `pg_roles` names it", example = "shop"),
    ),
    security(("token" = ["operator"])),
    responses(
        (status = 204, description = "The role may submit."),
        (status = 404, description = "There is no such tenant, or no such role."),
    ),
)]
pub(crate) async fn grant_submit(
    _: Operator,
    State(state): State<ApiState>,
    SubmitterPath(slug, role): SubmitterPath,
    Query(()): Query<()>,
) -> Result<StatusCode, Problem> {
    let tenant = named(&state.engine, slug.as_ref()).await?;
    if state.engine.grant_submit(&role, tenant.as_ref()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::new(Code::NotFound, "The database has no role of this name."))
    }
}
