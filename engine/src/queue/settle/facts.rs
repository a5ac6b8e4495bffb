//! What does a tenant keep of attempts that ended? Their outputs, errors, and whatever else they have to tell.

use serde_json::{Value, json};

use super::{Ended, FinishedArtifact, Outcome, Usage};
use crate::job::Decision;

/// Attempts as the columns that a settle takes, one value for each attempt.
pub(super) struct Facts<'a> {
    pub outputs: Vec<Option<&'a Value>>,
    pub output_bytes: Vec<i32>,
    pub errors: Vec<Option<Value>>,
    pub tellings: Vec<Option<Value>>,
    pub artifacts: Vec<Option<Value>>,
}

impl<'a> Facts<'a> {
    /// What some attempts have come to.
    pub fn of(ended: &[Ended<'a>]) -> Self {
        let outcomes = || ended.iter().map(|one| one.outcome);
        Self {
            outputs: outcomes().map(|outcome| outcome.output.as_ref()).collect(),
            output_bytes: outcomes().map(|outcome| bytes_of(outcome.output.as_ref())).collect(),
            errors: outcomes().map(error_json).collect(),
            tellings: outcomes().map(telling).collect(),
            artifacts: outcomes().map(|outcome| artifacts(&outcome.artifacts)).collect(),
        }
    }
}

/// What an attempt has to tell that its job's outcome does not. A success without process, log and progress has
/// told everything in its outcome.
fn telling(outcome: &Outcome) -> Option<Value> {
    let has_more = outcome.decision != Decision::Succeed
        || !outcome.log.is_empty()
        || outcome.progress.is_some()
        || outcome.usage != Usage::default();
    has_more.then(|| {
        let reported = outcome.progress.as_ref();
        let progress = reported.map(|reported| &reported.progress);
        json!({
            "ended_as": outcome.ended_as,
            "cpu_seconds": outcome.usage.cpu_seconds,
            "peak_bytes": outcome.usage.peak_bytes,
            "log": outcome.log,
            "fraction": progress.map(|progress| progress.fraction),
            "stage": progress.map(|progress| &progress.stage),
            "message": progress.map(|progress| &progress.message),
            "report": reported.map(|reported| reported.number),
            "report_ms": reported.map(|reported| reported.after_ms),
        })
    })
}

fn artifacts(files: &[FinishedArtifact]) -> Option<Value> {
    let file = |file: &FinishedArtifact| {
        json!({
            "name": file.name,
            "media_type": file.media_type,
            "bytes": file.bytes,
            "sha256": hex::encode(&file.sha256),
            "object_key": file.object_key,
        })
    };
    (!files.is_empty()).then(|| files.iter().map(file).collect())
}

fn error_json(outcome: &Outcome) -> Option<Value> {
    outcome.error.as_ref().map(|error| {
        json!({
            "code": error.code,
            "message": error.message,
            "retryable": error.retryable,
            "attempt": error.attempt,
        })
    })
}

/// The size of a value as text.
fn bytes_of(value: Option<&Value>) -> i32 {
    value.map_or(0, |value| i32::try_from(value.to_string().len()).unwrap_or(i32::MAX))
}
