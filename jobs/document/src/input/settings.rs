//! How are the operator's settings read?

use serde_json::Value;

use super::super::limits::DocumentLimits;

/// The settings do not have the form of [`DocumentLimits`].
#[derive(Debug, thiserror::Error)]
#[error("settings of document.extract: {0}")]
pub struct BadSettings(#[from] serde_path_to_error::Error<serde_json::Error>);

/// The operator's settings; what they leave out has its default.
///
/// # Errors
/// When a name or a value does not fit.
pub fn settings(value: &Value) -> Result<DocumentLimits, BadSettings> {
    if value.is_null() {
        return Ok(DocumentLimits::default());
    }
    Ok(serde_path_to_error::deserialize(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_left_out_has_its_default() {
        assert_eq!(settings(&Value::Null).unwrap().pages, 2_000);
        assert_eq!(settings(&json!({"pages": 10})).unwrap().bytes, 100 << 20);
        assert!(settings(&json!({"no_such_limit": 1})).unwrap_err().to_string().contains("no_such_limit"));
    }
}
