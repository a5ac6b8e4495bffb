//! Which events can a webhook ask for?

/// The types of events that are announced; `webhook.test` is sent on demand only.
pub const EVENTS: [&str; 4] = ["job.succeeded", "job.failed", "job.cancelled", "batch.finished"];

/// The type of what is sent on demand.
pub(super) const TEST: &str = "webhook.test";

/// Whether a webhook can ask for events of this type.
#[must_use]
pub fn is_event(name: &str) -> bool {
    EVENTS.contains(&name)
}
