//! What does a report know? The rows of a tenant in a period, as they stood at one moment.
//!
//! Whoever may read the rows writes it; from then on a report is a function of it. Its form is published by
//! [`dataset_schema`]; `version` stays `"1"` as long as fields only come to it.

mod activity;
mod cost;
mod note;
mod quality;
mod usage;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use schemars::{JsonSchema, schema_for};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use activity::{Activity, Failure, MadeJob, Outcomes, SlowJob, Waiting};
pub use cost::{Price, Prices, Unit};
pub use note::Note;
pub use quality::{Quality, ReadDocument, Totals, Transcript, VideoWarning};
pub use usage::{Usage, UsageRow};

use crate::period::Span;

/// The form of this version.
pub const DATASET_VERSION: &str = "1";

/// All that a report is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// The version of this form: `1`.
    pub version: String,
    /// The tenant's slug.
    pub tenant: String,
    /// The period.
    pub period: Span,
    /// The time zone of its days.
    #[schemars(with = "String")]
    pub timezone: Tz,
    /// The moment at which the rows were read: nothing later is in it.
    pub data_until: DateTime<Utc>,
    /// Where the API answers, for links; none where the operator has named no address.
    #[serde(default)]
    pub base_url: Option<String>,
    /// What was missing or late.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// What was used.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// What was done.
    #[serde(default)]
    pub activity: Option<Activity>,
    /// How sure the results are.
    #[serde(default)]
    pub quality: Option<Quality>,
    /// The operator's prices.
    #[serde(default)]
    pub prices: Option<Prices>,
    /// The period before, to compare with.
    #[serde(default)]
    pub before: Option<Before>,
}

/// The same of the period before, as far as it is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// The period before.
    pub period: Span,
    /// What was used.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// What was done, without lists of single jobs.
    #[serde(default)]
    pub activity: Option<Activity>,
    /// How sure the results were.
    #[serde(default)]
    pub quality: Option<Quality>,
}

/// The JSON Schema of a dataset.
#[must_use]
pub fn dataset_schema() -> Value {
    schema_for!(Dataset).to_value()
}
