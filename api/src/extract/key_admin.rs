//! Who may change a tenant's keys? An operator, or the tenant's own administrator.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use esteira_engine::tenant::{Scope, Tenant};

use super::TenantPath;
use super::caller::{authenticate, is_operator, lacks};
use crate::problem::Problem;
use crate::state::ApiState;

/// The tenant in the path, whose keys the caller may change.
pub(crate) struct KeyAdmin(pub Tenant);

impl FromRequestParts<ApiState> for KeyAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let caller = authenticate(parts, state).await?;
        let operator = is_operator(&caller);
        if !operator && !caller.may(Scope::TenantAdmin) {
            return Err(lacks(Scope::TenantAdmin));
        }
        let TenantPath(slug) = TenantPath::from_request_parts(parts, state).await?;
        match caller.tenant {
            Some(tenant) if tenant.slug == slug => Ok(Self(tenant)),
            // Another tenant's name is answered like one that does not exist.
            Some(_) => Err(Problem::not_found()),
            None if operator => {
                state.engine.tenant(slug.as_str()).await?.map(Self).ok_or_else(Problem::not_found)
            }
            None => Err(lacks(Scope::Operator)),
        }
    }
}
