//! Who may change a tenant's keys? An operator, or the tenant's own administrator.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use esteira_engine::tenant::{Scope, Tenant, TenantState};

use super::TenantPath;
use super::caller::{authenticate, is_operator, lacks};
use crate::problem::{Code, Problem};
use crate::state::ApiState;

/// The tenant in the path, whose keys the caller may change.
pub(crate) struct KeyAdmin(pub Tenant);

/// The same for who makes a key: a suspended tenant makes none itself, and an operator may for it.
pub(crate) struct KeyMaker(pub Tenant);

impl FromRequestParts<ApiState> for KeyAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        admin(parts, state).await.map(|(tenant, _)| Self(tenant))
    }
}

impl FromRequestParts<ApiState> for KeyMaker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        match admin(parts, state).await? {
            (tenant, false) if tenant.state != TenantState::Active => {
                Err(Problem::new(Code::TenantSuspended, "The tenant is suspended."))
            }
            (tenant, _) => Ok(Self(tenant)),
        }
    }
}

/// The tenant in the path, and whether the caller is an operator.
async fn admin(parts: &mut Parts, state: &ApiState) -> Result<(Tenant, bool), Problem> {
    let caller = authenticate(parts, state).await?;
    let operator = is_operator(&caller);
    if !operator && !caller.may(Scope::TenantAdmin) {
        return Err(lacks(Scope::TenantAdmin));
    }
    let TenantPath(slug) = TenantPath::from_request_parts(parts, state).await?;
    match caller.tenant {
        Some(tenant) if tenant.slug == slug => Ok((tenant, false)),
        // Another tenant's name is answered like one that does not exist.
        Some(_) => Err(Problem::not_found()),
        None if operator => {
            let tenant = state.engine.tenant(slug.as_str()).await?;
            tenant.map(|tenant| (tenant, true)).ok_or_else(Problem::not_found)
        }
        None => Err(lacks(Scope::Operator)),
    }
}
