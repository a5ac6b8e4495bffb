//! What does the operator allow a report?

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dataset::Prices;
use crate::words::Locale;

/// The operator's settings of `report.generate`, with their defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReportLimits {
    /// The language of a report that names none.
    pub locale: Locale,
    /// The time zone of a report that names none.
    #[schemars(with = "String")]
    pub timezone: Tz,
    /// Days of a period.
    pub days: u32,
    /// Rows of one table in PDF and HTML; XLSX, CSV and JSON have all.
    pub shown_rows: usize,
    /// Rows of one table that are read from the tenant's data.
    pub rows: u32,
    /// Bytes of a logo.
    pub logo_bytes: u64,
    /// Pixels of a logo, told by its header.
    pub logo_pixels: u64,
    /// Bytes of a template.
    pub template_bytes: u64,
    /// Where the API answers, for links in reports, such as `https://jobs.example.org`.
    pub base_url: Option<String>,
    /// What is asked for what is used; without prices no cost is told.
    pub prices: Option<Prices>,
}

impl Default for ReportLimits {
    fn default() -> Self {
        Self {
            locale: Locale::PtBr,
            timezone: Tz::UTC,
            days: 400,
            shown_rows: 1_000,
            rows: 200_000,
            logo_bytes: 2 << 20,
            logo_pixels: 16_000_000,
            template_bytes: 1 << 20,
            base_url: None,
            prices: None,
        }
    }
}

/// The settings do not have the form of [`ReportLimits`].
#[derive(Debug, thiserror::Error)]
#[error("settings of report.generate: {0}")]
pub struct BadSettings(#[from] serde_path_to_error::Error<serde_json::Error>);

/// The operator's settings; what they leave out has its default.
///
/// # Errors
/// When a name or a value does not fit.
pub fn settings(value: &Value) -> Result<ReportLimits, BadSettings> {
    if value.is_null() {
        return Ok(ReportLimits::default());
    }
    Ok(serde_path_to_error::deserialize(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_left_out_has_its_default() {
        assert_eq!(settings(&Value::Null).unwrap().days, 400);
        assert_eq!(settings(&json!({"timezone": "America/Recife"})).unwrap().shown_rows, 1_000);
        assert!(settings(&json!({"timezone": "Mars/Olympus"})).is_err());
        assert!(settings(&json!({"no_such_limit": 1})).unwrap_err().to_string().contains("no_such_limit"));
    }
}
