//! Who may change a tenant's schedules, and who may see them? By `schedules:write`; and seen, as jobs are, by `jobs:read`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use esteira_engine::tenant::{Scope, Tenant};

use super::caller::{authenticate, lacks};
use crate::problem::{Code, Problem};
use crate::state::ApiState;

/// The caller's tenant, whose schedules it may change.
pub(crate) struct ScheduleOwner(pub Tenant);
/// The caller's tenant, whose schedules it may see.
pub(crate) struct ScheduleReader(pub Tenant);

async fn tenant(parts: &Parts, state: &ApiState, scopes: &[Scope]) -> Result<Tenant, Problem> {
    let caller = authenticate(parts, state).await?;
    let may = scopes.iter().any(|scope| caller.may(*scope));
    let tenant = caller.tenant.ok_or_else(|| {
        Problem::new(Code::NoTenant, "This route works for a tenant; the token belongs to none.")
    })?;
    if may { Ok(tenant) } else { Err(lacks(Scope::SchedulesWrite)) }
}

impl FromRequestParts<ApiState> for ScheduleOwner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(tenant(parts, state, &[Scope::SchedulesWrite]).await?))
    }
}

impl FromRequestParts<ApiState> for ScheduleReader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(tenant(parts, state, &[Scope::SchedulesWrite, Scope::JobsRead]).await?))
    }
}
