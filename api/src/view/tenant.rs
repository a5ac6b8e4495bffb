//! What does an operator see of a tenant? Facts of the control schema; nothing that is the tenant's own.

use chrono::{DateTime, Utc};
use esteira_engine::tenant::{Slug, Tenant, TenantState};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::LimitsView;

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub(crate) struct TenantView {
    /// Its name.
    #[schema(value_type = String, pattern = "^[a-z][a-z0-9_]{1,39}$", example = "acme")]
    pub slug: Slug,
    /// Whether it may work.
    #[schema(schema_with = state_schema)]
    pub state: TenantState,
    /// What it may use.
    pub limits: LimitsView,
    /// The schema that holds its data.
    #[schema(example = "tenant_acme_schema")]
    pub schema: String,
    /// The version of that schema.
    #[schema(example = 9)]
    pub schema_version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> Self {
        Self {
            schema: tenant.slug.schema(),
            slug: tenant.slug,
            state: tenant.state,
            limits: tenant.limits.into(),
            schema_version: tenant.schema_version,
            created_at: tenant.created_at,
        }
    }
}

pub(super) fn state_schema() -> Object {
    let states = [TenantState::Active, TenantState::Suspended, TenantState::Deleting];
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(states.map(TenantState::as_str)))
        .description(Some("A suspended tenant may read; it may not submit, and its queued jobs wait."))
        .build()
}
