//! How are the operator's settings read?

use serde_json::Value;

use super::super::limits::TranscribeLimits;

/// The settings do not have the form of [`TranscribeLimits`], or a value cannot be.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// A name or a type.
    #[error("settings of media.transcribe: {0}")]
    Form(#[from] serde_path_to_error::Error<serde_json::Error>),
    /// A number that is out of its range.
    #[error("settings of media.transcribe: {0}: must be from {1} to {2}")]
    Range(&'static str, f64, f64),
}

/// The operator's settings; what they leave out has its default.
///
/// # Errors
/// When a name or a value does not fit.
pub fn settings(value: &Value) -> Result<TranscribeLimits, BadSettings> {
    if value.is_null() {
        return Ok(TranscribeLimits::default());
    }
    let limits: TranscribeLimits = serde_path_to_error::deserialize(value)?;
    #[expect(clippy::cast_precision_loss, reason = "a number of states")]
    let states = limits.states as f64;
    for (name, value, least, most) in [
        ("states", states, 1.0, 64.0),
        ("chunk_seconds", limits.chunk_seconds, 5.0, 30.0),
        ("voice", limits.voice.into(), 0.05, 0.95),
        ("no_speech", limits.no_speech.into(), 0.0, 1.0),
        ("doubtful", limits.doubtful.into(), -10.0, 0.0),
        ("seconds", limits.seconds, 1.0, 366.0 * 86_400.0),
        ("aws.first_seconds", limits.aws.first_seconds, 0.1, 3_600.0),
        ("aws.most_seconds", limits.aws.most_seconds, 0.1, 3_600.0),
        ("aws.most_hours", limits.aws.most_hours, 0.1, 1_000.0),
        ("aws.call_seconds", limits.aws.call_seconds, 0.1, 600.0),
    ] {
        // So that what is no number is refused as well.
        if !(least..=most).contains(&value) {
            return Err(BadSettings::Range(name, least, most));
        }
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_left_out_has_its_default() {
        assert_eq!(settings(&Value::Null).unwrap().channels, 8);
        assert_eq!(settings(&json!({"channels": 2})).unwrap().bytes, 8 << 30);
        assert!(settings(&json!({"no_such_limit": 1})).unwrap_err().to_string().contains("no_such_limit"));
        assert!(settings(&json!({"chunk_seconds": 31})).unwrap_err().to_string().contains("chunk_seconds"));
    }
}
