//! What does the operator allow a report?

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dataset::Prices;
use crate::words::Locale;

/// The most that one of anything costs.
const MOST_AMOUNT: f64 = 1_000_000_000.0;

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

/// The settings have a value that cannot be meant: which, and why.
pub fn fault(limits: &ReportLimits) -> Option<String> {
    if let Some(url) = &limits.base_url {
        let is_plain =
            |character: char| character.is_ascii_graphic() && !"\"'<>\\^`{|}?#".contains(character);
        let is_host = |host: &str| host.starts_with(|first: char| first != '/') && host.chars().all(is_plain);
        let host = ["https://", "http://"].into_iter().find_map(|scheme| url.strip_prefix(scheme));
        if host.is_none_or(|host| !is_host(host)) {
            return Some("base_url: must be an address such as https://jobs.example.org".to_owned());
        }
    }
    let prices = limits.prices.as_ref()?;
    if prices.currency.len() != 3 || !prices.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some("prices.currency: must be a code of ISO 4217, such as BRL".to_owned());
    }
    let is_mad = |amount: f64| !amount.is_finite() || amount.abs() > MOST_AMOUNT;
    prices
        .prices
        .iter()
        .position(|price| is_mad(price.amount))
        .map(|at| format!("prices.prices[{at}].amount: must be a number up to {MOST_AMOUNT}"))
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
        for (given, named) in [
            (json!({"base_url": "https://jobs.example.org/api", "prices": {"currency": "BRL"}}), None),
            (json!({"base_url": "http://[::1]:8080"}), None),
            (json!({"base_url": "jobs.example.org"}), Some("base_url")),
            (json!({"base_url": "javascript:alert(1)"}), Some("base_url")),
            (json!({"base_url": "https://"}), Some("base_url")),
            (json!({"base_url": "https://a.example/?x"}), Some("base_url")),
            (json!({"prices": {"currency": "R$"}}), Some("prices.currency")),
            (json!({"prices": {"currency": "brl"}}), Some("prices.currency")),
            (
                json!({"prices": {"currency": "BRL", "prices": [{"per": "page", "amount": 1e12}]}}),
                Some("prices.prices[0].amount"),
            ),
        ] {
            let said = fault(&settings(&given).unwrap());
            let said = said.as_deref().and_then(|said| said.split(": ").next());
            assert_eq!(said, named, "{given}");
        }
        assert!(settings(&json!({"no_such_limit": 1})).unwrap_err().to_string().contains("no_such_limit"));
    }
}
