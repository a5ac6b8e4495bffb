//! What was missing or late when the rows were read?

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that a reader of the report has to know of its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case", deny_unknown_fields)]
pub enum Note {
    /// The period was not over: later reports have more of it.
    PeriodOpen,
    /// Jobs that were submitted before the end of the period were not over, and are counted when they are.
    Unfinished {
        /// How many.
        jobs: i64,
        /// When the first of them was submitted.
        since: DateTime<Utc>,
    },
    /// Jobs that ended before an instant are pruned by the retention: sums by day have them, lists and all else have not.
    Pruned {
        /// The instant.
        before: DateTime<Utc>,
    },
    /// A list has more rows than are read.
    Shortened {
        /// Which list.
        list: String,
        /// How many rows there are.
        rows: i64,
    },
    /// Amounts of long ago are kept by days of UTC, and count for the local day that has the noon of each.
    UtcDays,
    /// The same of the period before, with which figures are compared. What is pruned of it is not compared.
    Before {
        /// What.
        note: Box<Note>,
    },
}
