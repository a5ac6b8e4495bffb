//! What does a caller see of itself? Its tenant, and what its token may do.

use esteira_engine::tenant::{Caller, Scope, Slug, Tenant, TenantState};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};

use super::LimitsView;
use super::tenant::state_schema;

/// What a token stands for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me, example = json!({
    "tenant": {"slug": "acme", "state": "active", "limits": {
        "weight": 1.0, "max_running": 4, "max_queued": null, "max_storage_bytes": null, "requests_per_minute": 600,
        "kinds": null, "s3_buckets": [], "retention_days": null, "upload_retention_days": null,
    }},
    "operator": false, "scopes": ["jobs:read", "jobs:write"],
}))]
pub(crate) struct MeView {
    /// The tenant on whose behalf it works; null for an operator's.
    #[schema(required)]
    pub tenant: Option<OwnTenantView>,
    /// Whether it is an operator's.
    pub operator: bool,
    /// What it may do.
    #[schema(schema_with = scope_schema)]
    pub scopes: Vec<Scope>,
}

/// A tenant, as it sees itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnTenant)]
pub(crate) struct OwnTenantView {
    /// Its name.
    #[schema(value_type = String, pattern = "^[a-z][a-z0-9_]{1,39}$", example = "acme")]
    pub slug: Slug,
    /// Whether it may work.
    #[schema(schema_with = state_schema)]
    pub state: TenantState,
    /// What it may use.
    pub limits: LimitsView,
}

impl From<Caller> for MeView {
    fn from(caller: Caller) -> Self {
        let operator = caller.tenant.is_none() && caller.may(Scope::Operator);
        Self { tenant: caller.tenant.map(OwnTenantView::from), operator, scopes: caller.scopes }
    }
}

impl From<Tenant> for OwnTenantView {
    fn from(tenant: Tenant) -> Self {
        Self { slug: tenant.slug, state: tenant.state, limits: tenant.limits.into() }
    }
}

/// Every scope that a token can have.
fn scope_schema() -> Array {
    let item = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(Scope::ALL.into_iter().map(Scope::as_str)));
    ArrayBuilder::new().items(item).build()
}
