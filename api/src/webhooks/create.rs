//! `POST /v1/webhooks`: name an address that is told when jobs end; the answer is the only showing of its secret.

use axum::extract::State;
use axum::http::StatusCode;
use esteira_engine::webhook::{EVENTS, NewWebhook};
use serde::Deserialize;
use utoipa::ToSchema;

use super::fields;
use crate::extract::{Json, Query, WebhookOwner};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::{WebhookWithSecretView, asked_events_schema};

/// A webhook to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://example.com/hooks", "events": ["job.succeeded", "job.failed"]}))]
pub(crate) struct NewWebhookRequest {
    /// Where to tell: HTTPS, and a public host; or `mailto:` and an address, where the server sends e-mail.
    #[schema(max_length = 2048, example = "https://example.com/hooks")]
    url: String,
    /// What to tell; without it, everything.
    #[schema(schema_with = asked_events_schema, required = false)]
    events: Option<Vec<String>>,
    /// Of which kinds of jobs to tell; without it, of every kind. Batches are told in any case.
    #[schema(min_items = 1, example = json!(["report.generate"]))]
    kinds: Option<Vec<String>>,
    /// Some words for people.
    #[serde(default)]
    #[schema(max_length = 500, required = false)]
    description: String,
    /// The secret that messages are signed with, `whsec_` and the base64 of 24 to 64 bytes; without it, a fresh one.
    #[schema(pattern = "^whsec_[A-Za-z0-9+/]{32,86}={0,2}$")]
    secret: Option<String>,
}

/// Make a webhook
///
/// Keep the `secret` of the answer: it is shown this once. docs/webhooks.md says how to verify a message with it.
#[utoipa::path(
    post, path = "/v1/webhooks", tag = "webhooks", request_body = NewWebhookRequest,
    security(("token" = ["webhooks:write"]), ("token" = ["tenant:admin"])),
    extensions(("x-codes" = json!([Code::TooManyWebhooks, Code::InvalidValue]))),
    responses(
        (status = 201, description = "The webhook is made.", body = WebhookWithSecretView),
        (status = 400, description = "The body is not JSON, or a field is unknown, missing or of the wrong type."),
        (status = 409, description = "The tenant has as many webhooks as it may."),
        (status = 422, description = "A value cannot be."),
    ),
)]
pub(crate) async fn create_webhook(
    WebhookOwner(tenant): WebhookOwner,
    State(state): State<ApiState>,
    Query(()): Query<()>,
    Json(request): Json<NewWebhookRequest>,
) -> Result<(StatusCode, axum::Json<WebhookWithSecretView>), Problem> {
    fields::description(&request.description)?;
    if request.kinds.as_ref().is_some_and(Vec::is_empty) {
        return Err(Problem::value("/kinds", "must name a kind at least, or be left out"));
    }
    let everything = || EVENTS.map(str::to_owned).to_vec();
    let new = NewWebhook {
        url: fields::url(&state.options.webhook_urls, &request.url)?,
        description: request.description,
        events: fields::events(request.events.unwrap_or_else(everything))?,
        kinds: request.kinds.map(|names| fields::kinds(state.engine.catalog(), names)).transpose()?,
        secret: fields::secret("/secret", request.secret.as_deref())?,
    };
    let made = state.engine.create_webhook(&tenant, &new, state.options.max_webhooks_per_tenant).await?;
    let view = WebhookWithSecretView { shown: made.into(), secret: Some(new.secret.expose()) };
    Ok((StatusCode::CREATED, axum::Json(view)))
}
