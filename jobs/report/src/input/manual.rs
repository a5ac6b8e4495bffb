//! What does the manual say about the input?

use schemars::schema_for;
use serde_json::{Value, json};

use super::fields::Input;

/// The kind's name.
pub const NAME: &str = "report.generate";

/// For a heading.
pub const TITLE: &str = "Make a report";

/// For somebody who has never used it.
pub const DESCRIPTION: &str = "Tells what your jobs did in a period: what was used and what it may cost (`usage`), what was \
made, what failed and what to do about it (`activity`), how sure the results are (`quality`), or what a template of your \
own says. A PDF to read, and the same figures as a workbook, CSV, HTML and JSON. Put it on a schedule to find it every \
morning.";

/// The schema of the input.
pub fn input_schema() -> Value {
    schema_for!(Input).to_value()
}

/// An input that runs as it stands.
pub fn example() -> Value {
    json!({
        "report": "usage",
        "period": "last_7_days",
        "timezone": "America/Sao_Paulo",
        "locale": "pt-BR",
        "formats": ["pdf", "xlsx"],
        "compare": true,
    })
}
