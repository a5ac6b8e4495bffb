//! Which problem is it when something about webhooks is refused? The answers that their routes share.

use std::time::Duration;

use esteira_engine::webhook::WebhookError;

use crate::problem::{Code, Problem};

/// How soon another try makes sense while a tenant is being migrated.
const MIGRATING: Duration = Duration::from_secs(60);

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Unknown => Self::not_found(),
            WebhookError::TooMany { limit } => Self::new(
                Code::TooManyWebhooks,
                format!("The tenant has {limit} webhooks, and may not have more. Remove one first."),
            ),
            WebhookError::Disabled => Self::new(
                Code::WebhookDisabled,
                "The webhook is disabled, so nothing is sent. PATCH it with {\"enabled\": true} first.",
            ),
            WebhookError::Behind => {
                tracing::warn!("a tenant's schema is older than webhooks: run `esteira migrate`");
                Self::new(Code::Unavailable, "The tenant is not migrated to webhooks yet. Try again later.")
                    .with_retry_after(MIGRATING)
            }
            WebhookError::Database(error) => error.into(),
        }
    }
}
