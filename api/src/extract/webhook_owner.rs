//! Who may see and change a tenant's webhooks? The tenant, by `webhooks:write` or as its own administrator.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use esteira_engine::tenant::{Scope, Tenant};

use super::caller::{authenticate, lacks};
use crate::problem::{Code, Problem};
use crate::state::ApiState;

/// The caller's tenant, whose webhooks it may see and change.
pub(crate) struct WebhookOwner(pub Tenant);

impl FromRequestParts<ApiState> for WebhookOwner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let caller = authenticate(parts, state).await?;
        let may = caller.may(Scope::WebhooksWrite) || caller.may(Scope::TenantAdmin);
        let tenant = caller.tenant.ok_or_else(|| {
            Problem::new(Code::NoTenant, "This route works for a tenant; the token belongs to none.")
        })?;
        if may { Ok(Self(tenant)) } else { Err(lacks(Scope::WebhooksWrite)) }
    }
}
