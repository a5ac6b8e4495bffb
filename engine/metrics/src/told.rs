//! How does what others are told come along? Webhooks, and jobs of schedules.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::buckets::{ANSWER_SECONDS, WORK_SECONDS};
use crate::families::Counts;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Attempted {
    outcome: &'static str,
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Decided {
    state: &'static str,
}

/// The deliveries of this process.
#[derive(Debug)]
pub struct WebhookMeter {
    attempts: Counts<Attempted>,
    seconds: Histogram,
}

impl WebhookMeter {
    pub(crate) fn new() -> Self {
        Self { attempts: Counts::default(), seconds: Histogram::new(ANSWER_SECONDS) }
    }

    /// A message was sent. `outcome` is `delivered`, `again`, `given_up` or `gone`; `reason` says what was wrong.
    pub fn sent(&self, outcome: &'static str, reason: Option<&'static str>, took: Duration) {
        self.attempts.get_or_create(&Attempted { outcome, reason: reason.unwrap_or_default() }).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn register(&self, to: &mut Registry) {
        to.register("webhook_attempts", "Messages that were sent, by what came of it", self.attempts.clone());
        to.register_with_unit(
            "webhook_attempt",
            "How long the receivers of webhooks took",
            Unit::Seconds,
            self.seconds.clone(),
        );
    }
}

/// The schedules that this process fires.
#[derive(Debug)]
pub struct ScheduleMeter {
    runs: Counts<Decided>,
    late: Histogram,
}

impl ScheduleMeter {
    pub(crate) fn new() -> Self {
        Self { runs: Counts::default(), late: Histogram::new(WORK_SECONDS) }
    }

    /// It was decided about a due instant, so long after it.
    pub fn decided(&self, state: &'static str, late: Duration) {
        self.runs.get_or_create(&Decided { state }).inc();
        self.late.observe(late.as_secs_f64());
    }

    pub(crate) fn register(&self, to: &mut Registry) {
        to.register("schedule_runs", "Due instants of schedules, by what was decided", self.runs.clone());
        to.register_with_unit(
            "schedule_lateness",
            "How long after a due instant it was decided about it",
            Unit::Seconds,
            self.late.clone(),
        );
    }
}
