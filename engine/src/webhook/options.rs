//! How are webhooks told? Places, patience, and when to leave one alone.

use std::time::Duration;

use super::{MailOptions, UrlRules};

/// The operator's settings of deliveries.
#[derive(Debug, Clone)]
pub struct DeliveryOptions {
    /// Whether messages are a part of the trace in which their job was submitted.
    pub traces: bool,
    /// Which URLs may be reached; they are held against this each time, since the rules may have changed.
    pub urls: UrlRules,
    /// How letters are sent, if they are.
    pub mail: Option<MailOptions>,
    /// Deliveries under way at the same moment, in the process that leads.
    pub places: usize,
    /// Those of one tenant.
    pub places_per_tenant: usize,
    /// Those of one webhook.
    pub places_per_webhook: u16,
    /// How long one attempt may take, from the name's look-up to the answer.
    pub timeout: Duration,
    /// How much of an answer is kept, in bytes.
    pub answer_bytes: usize,
    /// For how long a delivery is tried.
    pub retry_for: Duration,
    /// After so many failures in a row a webhook is left alone for a while.
    pub failures_to_open: u16,
    /// For how long at first; twice as long after each trial that fails.
    pub open_for: Duration,
    /// And for how long at most.
    pub longest_open: Duration,
    /// How often the leader looks for what is due.
    pub poll: Duration,
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        Self {
            traces: false,
            urls: UrlRules::default(),
            mail: None,
            places: 64,
            places_per_tenant: 8,
            places_per_webhook: 4,
            timeout: Duration::from_secs(15),
            answer_bytes: 1024,
            retry_for: Duration::from_secs(24 * 3600),
            failures_to_open: 10,
            open_for: Duration::from_secs(30),
            longest_open: Duration::from_secs(900),
            poll: Duration::from_millis(500),
        }
    }
}
