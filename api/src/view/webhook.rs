//! What does a caller see of a webhook? Everything but its secret, which is shown once.

use chrono::{DateTime, Utc};
use esteira_engine::id::WebhookId;
use esteira_engine::webhook::{EVENTS, Webhook};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, SchemaType, Type};

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook, example = json!({
    "id": "0192f0c4-5678-7abc-8def-0123456789ab", "url": "https://example.com/hooks",
    "events": ["job.succeeded", "job.failed"], "kinds": null, "description": "the shop", "enabled": true,
    "disabled_because": null, "old_secret_until": null, "consecutive_failures": 0,
    "circuit_open_until": null, "created_at": "2026-11-24T15:04:05Z", "updated_at": "2026-11-24T15:04:05Z",
}))]
pub(crate) struct WebhookView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: WebhookId,
    /// Where it is told.
    #[schema(example = "https://example.com/hooks")]
    pub url: String,
    /// What it is told.
    #[schema(schema_with = events_schema)]
    pub events: Vec<String>,
    /// The kinds whose jobs it is told of; null for every kind.
    #[schema(required)]
    pub kinds: Option<Vec<String>>,
    /// Some words for people.
    pub description: String,
    /// Whether it is told at all.
    pub enabled: bool,
    /// Why not, where nobody asked for that: `gone`, since it answered 410.
    #[schema(required)]
    pub disabled_because: Option<String>,
    /// Until when messages are signed with the secret before as well.
    #[schema(required)]
    pub old_secret_until: Option<DateTime<Utc>>,
    /// Failures in a row.
    pub consecutive_failures: i32,
    /// Until when it is left alone because of them; what comes meanwhile waits. Once that is over, one delivery
    /// at a time tries whether it works again.
    #[schema(required)]
    pub circuit_open_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// A webhook with the only showing of a new secret.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub(crate) struct WebhookWithSecretView {
    /// Everything that is shown later, too.
    #[serde(flatten)]
    pub shown: WebhookView,
    /// The secret that messages are signed with, where it is new. It is never shown again.
    #[schema(required, example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    pub secret: Option<String>,
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            events: webhook.events,
            kinds: webhook.kinds,
            description: webhook.description,
            enabled: webhook.enabled,
            disabled_because: webhook.disabled_because,
            old_secret_until: webhook.old_secret_until,
            consecutive_failures: webhook.failures,
            circuit_open_until: webhook.open_until,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// The types of events, from the engine's list.
pub(crate) fn events_schema() -> Array {
    let item = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(EVENTS));
    ArrayBuilder::new().items(item).min_items(Some(1)).build()
}

/// The same in a request, which may leave them out.
pub(crate) fn asked_events_schema() -> Array {
    let mut schema = events_schema();
    schema.schema_type = SchemaType::from_iter([Type::Array, Type::Null]);
    schema
}
