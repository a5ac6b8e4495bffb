//! Which job stands behind a number? An exemplar names one.

use std::fmt;

use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};
use uuid::Uuid;

/// A job, and its trace where it has one. OpenMetrics allows 128 characters of labels; these are 84.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exemplar {
    /// The job.
    pub job: Uuid,
    /// The trace in which it ran.
    pub trace: Option<u128>,
}

impl EncodeLabelSet for Exemplar {
    fn encode(&self, encoder: &mut LabelSetEncoder) -> Result<(), fmt::Error> {
        ("job_id", self.job.to_string()).encode(encoder.encode_label())?;
        match self.trace {
            Some(trace) => ("trace_id", format!("{trace:032x}")).encode(encoder.encode_label()),
            None => Ok(()),
        }
    }
}
