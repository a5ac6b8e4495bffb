//! `PATCH /v1/tenants/{slug}`: suspend or resume a tenant, or change its limits.

use axum::extract::State;
use esteira_engine::tenant::{LimitsChange, TenantState};
use serde::Deserialize;
use utoipa::ToSchema;

use super::limits;
use crate::extract::{Json, Operator, Query, TenantPath};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::{LimitsChangeView, TenantView};

/// A tenant that is on its way out is not changed.
fn deleting() -> Problem {
    Problem::new(Code::TenantDeleting, "The tenant is being removed.")
}

/// What changes; a field that is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"limits": {"max_running": 8, "max_queued": null}}))]
pub(crate) struct TenantChange {
    /// `suspended`: it may read, but not submit, and its queued jobs wait. `active`: it goes on.
    state: Option<WantedState>,
    /// New limits; null lifts one.
    #[schema(value_type = Option<LimitsChangeView>)]
    limits: Option<LimitsChange>,
}

/// A state that an operator can ask for.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WantedState {
    /// It may work.
    Active,
    /// It may read only.
    Suspended,
}

impl From<WantedState> for TenantState {
    fn from(wanted: WantedState) -> Self {
        match wanted {
            WantedState::Active => Self::Active,
            WantedState::Suspended => Self::Suspended,
        }
    }
}

/// Change a tenant
///
/// Limits first, then the state; sending the same change twice is harmless.
#[utoipa::path(
    patch, path = "/v1/tenants/{slug}", tag = "tenants",
    params(("slug" = String, Path, description = "Its name", example = "acme")), request_body = TenantChange,
    security(("token" = ["operator"])),
    extensions(("x-codes" = json!([Code::TenantDeleting, Code::InvalidValue]))),
    responses(
        (status = 200, description = "The tenant, as it is now.", body = TenantView),
        (status = 400, description = "The body is not JSON, or a field is unknown or of the wrong type."),
        (status = 404, description = "There is no such tenant."),
        (status = 409, description = "The tenant is being removed."),
        (status = 422, description = "A limit cannot be."),
    ),
)]
pub(crate) async fn change_tenant(
    _: Operator,
    State(ApiState { engine, .. }): State<ApiState>,
    TenantPath(slug): TenantPath,
    Query(()): Query<()>,
    Json(change): Json<TenantChange>,
) -> Result<axum::Json<TenantView>, Problem> {
    let mut tenant = engine.tenant(slug.as_str()).await?.ok_or_else(Problem::not_found)?;
    if let Some(limits) = change.limits {
        limits::check(&limits, engine.catalog())?;
        tenant = engine.change_limits(&slug, &limits).await?.ok_or_else(deleting)?;
    }
    if let Some(state) = change.state {
        tenant = engine.set_tenant_state(&slug, state.into()).await?.ok_or_else(deleting)?;
    }
    Ok(axum::Json(tenant.into()))
}
