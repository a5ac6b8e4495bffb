//! `PATCH /v1/webhooks/{id}`: change a webhook, enable or disable it, or give it a new secret.

use std::time::Duration;

use axum::extract::State;
use esteira_engine::webhook::WebhookChange;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fields;
use crate::extract::{Json, Query, WebhookOwner, WebhookPath};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::{WebhookWithSecretView, asked_events_schema};

/// The longest time for which an old secret may sign: 30 days.
const LONGEST_KEEP: u64 = 30 * 24 * 3600;

/// What changes; a field that is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"enabled": true}))]
pub(crate) struct WebhookChangeRequest {
    /// Where to tell from now on.
    #[schema(max_length = 2048)]
    url: Option<String>,
    /// What to tell from now on.
    #[schema(schema_with = asked_events_schema, required = false)]
    events: Option<Vec<String>>,
    /// Of which kinds of jobs to tell from now on; `[]` for every kind.
    kinds: Option<Vec<String>>,
    /// Some words for people.
    #[schema(max_length = 500)]
    description: Option<String>,
    /// Whether to tell at all. What is pending waits while it is false, for as long as it would be tried.
    enabled: Option<bool>,
    /// A new secret; `{}` draws one, and keeps the present one for as long as the server's settings say.
    rotate_secret: Option<RotateRequest>,
}

/// A new secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateRequest {
    /// `whsec_` and the base64 of 24 to 64 bytes; without it, a fresh one.
    secret: Option<String>,
    /// For how long messages are signed with the present secret as well; 0 ends it at once.
    #[schema(maximum = 2_592_000)]
    keep_old_seconds: Option<u64>,
}

/// Change a webhook
///
/// A webhook that is enabled, or gets another URL, begins without its failures. `secret` of the answer is null unless
/// it is new, and is shown this once.
#[utoipa::path(
    patch, path = "/v1/webhooks/{id}", tag = "webhooks",
    params(("id" = uuid::Uuid, Path, description = "The webhook")), request_body = WebhookChangeRequest,
    security(("token" = ["webhooks:write"]), ("token" = ["tenant:admin"])),
    extensions(("x-codes" = json!([Code::InvalidValue]))),
    responses(
        (status = 200, description = "The webhook, as it is now.", body = WebhookWithSecretView),
        (status = 400, description = "The body is not JSON, or a field is unknown or of the wrong type."),
        (status = 404, description = "The tenant has no such webhook."),
        (status = 422, description = "A value cannot be."),
    ),
)]
pub(crate) async fn change_webhook(
    WebhookOwner(tenant): WebhookOwner,
    State(state): State<ApiState>,
    WebhookPath(id): WebhookPath,
    Query(()): Query<()>,
    Json(request): Json<WebhookChangeRequest>,
) -> Result<axum::Json<WebhookWithSecretView>, Problem> {
    if let Some(text) = &request.description {
        fields::description(text)?;
    }
    let rules = &state.options.webhook_urls;
    let change = WebhookChange {
        url: request.url.map(|text| fields::url(rules, &text)).transpose()?,
        description: request.description,
        events: request.events.map(fields::events).transpose()?,
        kinds: request.kinds.map(|names| fields::kinds(state.engine.catalog(), names)).transpose()?,
        enabled: request.enabled,
        secret: request
            .rotate_secret
            .map(|rotate| rotate.checked(state.options.webhook_old_secret))
            .transpose()?,
    };
    let changed = state.engine.change_webhook(&tenant, id, &change).await?;
    let secret = change.secret.map(|(secret, _)| secret.expose());
    Ok(axum::Json(WebhookWithSecretView { shown: changed.into(), secret }))
}

impl RotateRequest {
    fn checked(self, usual: Duration) -> Result<(esteira_engine::webhook::SigningSecret, Duration), Problem> {
        let secret = fields::secret("/rotate_secret/secret", self.secret.as_deref())?;
        let keep = self.keep_old_seconds.map_or(usual, Duration::from_secs);
        if keep.as_secs() > LONGEST_KEEP {
            let message = format!("must be at most {LONGEST_KEEP}, which is 30 days");
            return Err(Problem::value("/rotate_secret/keep_old_seconds", message));
        }
        Ok((secret, keep))
    }
}
