//! What does the operator ask for what is used?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The operator's prices.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The currency, by its code in ISO 4217, such as `BRL`.
    #[schemars(pattern(r"^[A-Z]{3}$"))]
    pub currency: String,
    /// Each price; all that fit are asked.
    #[serde(default)]
    pub prices: Vec<Price>,
}

/// A price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The kind whose use it is asked for; of every use where there is none.
    #[serde(default)]
    pub kind: Option<String>,
    /// What is counted.
    pub per: Unit,
    /// What one of it costs.
    pub amount: f64,
}

/// What a price is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A job that succeeded.
    Job,
    /// An hour that attempts took.
    ProcessingHour,
    /// A minute of video made, or of sound transcribed.
    MediaMinute,
    /// A page read.
    Page,
    /// A GiB (2³⁰ bytes) stored anew.
    GibStored,
    /// A GiB moved.
    GibMoved,
}
