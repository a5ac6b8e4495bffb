//! What does a caller see of an API key? Everything but its text, which is shown once.

use chrono::{DateTime, Utc};
use esteira_engine::id::KeyId;
use esteira_engine::tenant::{ApiKey, NewKey, Scope};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};

/// An API key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key, example = json!({
    "id": "0192f0c7-89ab-7abc-8def-0123456789ab", "name": "shop backend", "scopes": ["jobs:read", "jobs:write"],
    "created_at": "2026-11-24T15:04:05Z", "expires_at": null, "revoked_at": null,
}))]
pub(crate) struct KeyView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: KeyId,
    /// What its maker called it.
    pub name: String,
    /// What it may do.
    #[schema(schema_with = scope_schema)]
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    #[schema(required)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    #[schema(required)]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// An operator's key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OperatorKey, example = json!({
    "id": "0192f0c7-89ab-7abc-8def-0123456789ab", "name": "esteira migrate", 
    "created_at": "2026-11-24T15:04:05Z", "expires_at": null, "revoked_at": null,
}))]
pub(crate) struct OperatorKeyView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: KeyId,
    /// Where it comes from.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    #[schema(required)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    #[schema(required)]
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<ApiKey> for OperatorKeyView {
    fn from(key: ApiKey) -> Self {
        let ApiKey { id, name, created_at, expires_at, revoked_at, .. } = key;
        Self { id, name, created_at, expires_at, revoked_at }
    }
}

/// A fresh API key, with the only showing of its text.
#[derive(Serialize, ToSchema)]
#[schema(as = NewKey)]
pub(crate) struct NewKeyView {
    /// Everything that is shown later, too.
    #[serde(flatten)]
    pub shown: KeyView,
    /// The key itself. It is not kept, and never shown again.
    #[schema(example = "est_Yq3mB0x7Hc1wQkq8bq0m5T2nV4yZ6uPfLr9sDgJaE")]
    pub key: String,
}

impl From<ApiKey> for KeyView {
    fn from(key: ApiKey) -> Self {
        let ApiKey { id, name, scopes, created_at, expires_at, revoked_at } = key;
        Self { id, name, scopes, created_at, expires_at, revoked_at }
    }
}

impl From<NewKey> for NewKeyView {
    fn from(new: NewKey) -> Self {
        Self { shown: new.key.into(), key: new.text }
    }
}

/// The scopes that a tenant's key can have.
pub(crate) fn scope_schema() -> Array {
    let names = Scope::ALL.into_iter().filter(|scope| *scope != Scope::Operator).map(Scope::as_str);
    let item = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
    ArrayBuilder::new().items(item).min_items(Some(1)).build()
}
