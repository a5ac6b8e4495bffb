//! Which time is asked for: a name, or two days.

use chrono::NaiveDate;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::period::Asked;

/// A period of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(pub Asked);

/// The names of periods.
const NAMES: [(&str, Asked); 4] = [
    ("yesterday", Asked::Yesterday),
    ("last_7_days", Asked::Last7Days),
    ("month_to_date", Asked::MonthToDate),
    ("last_month", Asked::LastMonth),
];

const FORM: &str = "a period is yesterday, last_7_days, month_to_date, last_month, or {\"from\": \"2026-11-01\", \"to\": \"2026-11-30\"}";

/// The days of a period, both included.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Days {
    from: NaiveDate,
    to: NaiveDate,
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(name) => {
                let known = NAMES.iter().find(|(known, _)| *known == name);
                known.map(|(_, asked)| Self(*asked)).ok_or_else(|| D::Error::custom(FORM))
            }
            Value::Object(fields) => {
                let days: Days = serde_json::from_value(Value::Object(fields))
                    .map_err(|error| D::Error::custom(format!("{FORM}; here: {error}")))?;
                Ok(Self(Asked::Days(days.from, days.to)))
            }
            _ => Err(D::Error::custom(FORM)),
        }
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Asked::Days(from, to) => json!({"from": from, "to": to}).serialize(serializer),
            asked => {
                let name = NAMES.iter().find(|(_, known)| *known == asked).map_or("", |(name, _)| name);
                serializer.serialize_str(name)
            }
        }
    }
}

impl JsonSchema for Period {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Period".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "oneOf": [
                {"type": "string", "enum": NAMES.map(|(name, _)| name)},
                {
                    "type": "object",
                    "properties": {
                        "from": {"type": "string", "format": "date"},
                        "to": {"type": "string", "format": "date", "description": "The last day, included."},
                    },
                    "required": ["from", "to"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}
