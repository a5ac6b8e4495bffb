//! Which values can the fields of a submission have, besides `input`?

use std::time::Duration;

use serde_json::Value;

use super::{FieldFault, Submission, SubmitError};

/// The longest that one attempt may be given.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 3600);
const MAX_ATTEMPTS: u16 = 100;
const MAX_METADATA: usize = 50;
/// A page of jobs shows the metadata of each: they must not make it heavy. The bytes are those of submits by SQL, too.
const MAX_METADATA_BYTES: usize = 64 * 1024;
const MAX_METADATA_VALUES: usize = 1_000;
const MAX_UNIQUE_KEY: usize = 200;
pub(super) const MAX_DEPENDENCIES: usize = 1_000;

/// Every field that cannot be.
pub(super) fn check_fields(submission: &Submission) -> Result<(), SubmitError> {
    let mut faults = Vec::new();
    let mut bad = |field, message: String| faults.push(FieldFault { field, message });
    if !(-100..=100).contains(&submission.priority) {
        bad("priority", "must be between -100 and 100".into());
    }
    if submission.max_attempts.is_some_and(|n| n == 0 || n > MAX_ATTEMPTS) {
        bad("max_attempts", format!("must be between 1 and {MAX_ATTEMPTS}"));
    }
    if submission.timeout.is_some_and(|t| t < Duration::from_secs(1) || t > MAX_TIMEOUT) {
        bad("timeout_seconds", format!("must be between 1 and {}", MAX_TIMEOUT.as_secs()));
    }
    if submission.metadata.len() > MAX_METADATA {
        bad("metadata", format!("must have at most {MAX_METADATA} keys"));
    }
    if submission.unique_key.as_ref().is_some_and(|key| key.is_empty() || key.len() > MAX_UNIQUE_KEY) {
        bad("unique_key", format!("must have between 1 and {MAX_UNIQUE_KEY} bytes"));
    }
    if submission.unique_key.as_ref().is_some_and(|key| key.contains('\0')) {
        bad("unique_key", "must not contain the character U+0000".into());
    }
    if submission.depends_on.len() > MAX_DEPENDENCIES {
        bad("depends_on", format!("must have at most {MAX_DEPENDENCIES} jobs"));
    }
    let metadata = Value::Object(submission.metadata.clone());
    if metadata.to_string().len() > MAX_METADATA_BYTES {
        bad("metadata", format!("must have at most {} KiB", MAX_METADATA_BYTES / 1024));
    }
    if values(&metadata) > MAX_METADATA_VALUES {
        bad("metadata", format!("must have at most {MAX_METADATA_VALUES} values"));
    }
    if contains_nul(&metadata) {
        bad("metadata", "must not contain the character U+0000".into());
    }
    if contains_nul(&submission.input) {
        bad("input", "must not contain the character U+0000".into());
    }
    if faults.is_empty() { Ok(()) } else { Err(SubmitError::BadFields(faults)) }
}

/// Postgres cannot keep U+0000 in jsonb; better told at the door than by a failed insert.
fn contains_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(contains_nul),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains('\0') || contains_nul(value)),
        _ => false,
    }
}

/// How many values lie within one, however deep.
fn values(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(|item| 1 + values(item)).sum(),
        Value::Object(fields) => fields.values().map(|field| 1 + values(field)).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_found_however_deep_it_hides() {
        assert!(contains_nul(&serde_json::json!({"a": [{"b": "x\0"}]})));
        assert!(contains_nul(&serde_json::json!({"k\0": 1})));
        assert!(!contains_nul(&serde_json::json!({"a": ["x", 1, null]})));
    }

    #[test]
    fn fields_out_of_range_are_named() {
        for (submission, field) in [
            (Submission { priority: 101, ..Submission::default() }, "priority"),
            (Submission { max_attempts: Some(0), ..Submission::default() }, "max_attempts"),
            (Submission { timeout: Some(Duration::ZERO), ..Submission::default() }, "timeout_seconds"),
        ] {
            assert_eq!(named(&submission), [field]);
        }
    }

    #[test]
    fn of_several_fields_out_of_range_each_is_named() {
        let submission =
            Submission { max_attempts: Some(0), timeout: Some(Duration::ZERO), ..Submission::default() };
        assert_eq!(named(&submission), ["max_attempts", "timeout_seconds"]);
    }

    #[test]
    fn metadata_are_a_note_and_no_document() {
        let with = |value: Value| Submission {
            metadata: [("a".to_owned(), value)].into_iter().collect(),
            ..Submission::default()
        };
        for (metadata, is_fit) in [
            (with(Value::from("x".repeat(MAX_METADATA_BYTES - 8))), true),
            (with(Value::from("x".repeat(MAX_METADATA_BYTES - 7))), false),
            (with(serde_json::json!([vec![0; 499], vec![0; 498]])), true),
            (with(serde_json::json!([vec![0; 499], [{"b": vec![0; 497]}]])), false),
        ] {
            assert_eq!(check_fields(&metadata).is_ok(), is_fit);
        }
    }

    fn named(submission: &Submission) -> Vec<&'static str> {
        match check_fields(submission) {
            Err(SubmitError::BadFields(faults)) => faults.iter().map(|fault| fault.field).collect(),
            other => panic!("{other:?}"),
        }
    }
}
