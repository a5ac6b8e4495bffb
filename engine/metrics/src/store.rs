//! How does this process get on with the object store? Its calls, by operation and by how they ended.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::registry::{Registry, Unit};

use crate::families::{Counts, Sizes, of_answers};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Called {
    operation: Arc<str>,
    ended: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfOperation {
    operation: Arc<str>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnd {
    /// As it was meant.
    Ok,
    /// There was no such object, which is no fault of the store.
    Missing,
    /// With an answer that is an error.
    Refused,
    /// Without an answer.
    Unanswered,
}

/// The calls of the object store; clones count into the same.
#[derive(Debug, Clone)]
pub struct StoreMeter {
    calls: Counts<Called>,
    seconds: Sizes<OfOperation>,
}

impl Default for StoreMeter {
    fn default() -> Self {
        Self { calls: Counts::default(), seconds: of_answers() }
    }
}

impl StoreMeter {
    /// A call has ended, after all its tries.
    pub fn called(&self, operation: &str, end: CallEnd, took: Duration) {
        let operation: Arc<str> = operation.into();
        let ended = match end {
            CallEnd::Ok => "ok",
            CallEnd::Missing => "missing",
            CallEnd::Refused => "refused",
            CallEnd::Unanswered => "unanswered",
        };
        self.calls.get_or_create(&Called { operation: Arc::clone(&operation), ended }).inc();
        self.seconds.get_or_create(&OfOperation { operation }).observe(took.as_secs_f64());
    }

    pub(crate) fn register(&self, to: &mut Registry) {
        to.register(
            "s3_calls",
            "Calls of the object store, by operation and how they ended",
            self.calls.clone(),
        );
        to.register_with_unit(
            "s3_call",
            "How long calls of the object store took, until the head of the answer",
            Unit::Seconds,
            self.seconds.clone(),
        );
    }
}
