//! What does a caller see of a delivery? Each attempt with its request, the answer and how long it took.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use esteira_engine::id::{DeliveryId, WebhookId};
use esteira_engine::webhook::{Attempt, Delivery, DeliveryState, SendError};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// What a webhook was told, or is to be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery, example = json!({
    "id": "0192f0c5-6789-7abc-8def-0123456789ab", "webhook_id": "0192f0c4-5678-7abc-8def-0123456789ab",
    "event": "job.succeeded", "state": "delivered", "attempt": 1,
    "attempts": [{
        "at": "2026-11-24T15:04:11Z",
        "request": {
            "url": "https://example.com/hooks",
            "headers": {"webhook-id": "0192f0c5-6789-7abc-8def-0123456789ab", "webhook-timestamp": "1795619051"},
        },
        "response": {"status": 204, "excerpt": ""}, "error": null, "message": null, "latency_ms": 87,
    }],
    "next_attempt_at": null, "created_at": "2026-11-24T15:04:11Z", "ended_at": "2026-11-24T15:04:11Z",
}))]
pub(crate) struct DeliveryView {
    /// Its id: the `webhook-id` of its messages.
    #[schema(value_type = Uuid)]
    pub id: DeliveryId,
    /// The webhook.
    #[schema(value_type = Uuid)]
    pub webhook_id: WebhookId,
    /// The type of the event.
    #[schema(example = "job.succeeded")]
    pub event: String,
    /// Where it stands.
    #[schema(schema_with = state_schema)]
    pub state: &'static str,
    /// Attempts since it was made, or asked for again.
    pub attempt: i16,
    /// The last attempts, the oldest first.
    pub attempts: Vec<AttemptView>,
    /// When the next one is due; while one is under way, when it is taken for lost.
    #[schema(required)]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was delivered or given up.
    #[schema(required)]
    pub ended_at: Option<DateTime<Utc>>,
}

/// A delivery with its body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WholeDelivery)]
pub(crate) struct WholeDeliveryView {
    /// What lists show, too.
    #[serde(flatten)]
    pub shown: DeliveryView,
    /// What is sent, as JSON; null for one that is none.
    #[schema(value_type = Option<Object>, required, example = json!({
        "type": "job.succeeded", "timestamp": "2026-11-24T15:04:11.000000Z",
        "data": {"id": "0192f0c2-3456-7abc-8def-0123456789ab", "kind": "video.generate", "state": "succeeded"},
    }))]
    pub payload: Value,
}

/// One attempt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub(crate) struct AttemptView {
    /// When it began.
    pub at: DateTime<Utc>,
    /// What was sent, besides the body.
    pub request: SentView,
    /// What came back, if anything did.
    #[schema(required)]
    pub response: Option<AnswerView>,
    /// Why it does not count, for a program; null for a good one.
    #[schema(value_type = Option<String>, required, example = "timeout")]
    pub error: Option<SendError>,
    /// The same for a person.
    #[schema(required)]
    pub message: Option<String>,
    /// Milliseconds up to the answer's head, or to the error.
    pub latency_ms: u64,
}

/// The head of a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryRequest)]
pub(crate) struct SentView {
    /// Where to.
    pub url: String,
    /// Its header fields.
    pub headers: BTreeMap<String, String>,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryAnswer)]
pub(crate) struct AnswerView {
    /// Its status.
    pub status: u16,
    /// The beginning of its body.
    pub excerpt: String,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            webhook_id: delivery.webhook,
            event: delivery.event,
            state: delivery.state.as_str(),
            attempt: delivery.attempt,
            attempts: delivery.attempts.into_iter().map(AttemptView::from).collect(),
            next_attempt_at: delivery.due_at,
            created_at: delivery.created_at,
            ended_at: delivery.ended_at,
        }
    }
}

impl From<Delivery> for WholeDeliveryView {
    fn from(mut delivery: Delivery) -> Self {
        let payload = delivery.payload.take().and_then(|text| serde_json::from_str(&text).ok());
        Self { shown: delivery.into(), payload: payload.unwrap_or(Value::Null) }
    }
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        let excerpt = attempt.excerpt.unwrap_or_default();
        Self {
            at: attempt.at,
            request: SentView { url: attempt.url, headers: attempt.headers },
            response: attempt.status.map(|status| AnswerView { status, excerpt }),
            error: attempt.error,
            message: attempt.error.map(|error| error.to_string()),
            latency_ms: attempt.latency_ms,
        }
    }
}

/// The states, from the engine's list.
pub(crate) fn state_schema() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(DeliveryState::ALL.map(DeliveryState::as_str)))
        .description(Some(
            "`pending` is sent or will be, `delivered` was answered 2xx, `failed` is given up.",
        ))
        .build()
}
