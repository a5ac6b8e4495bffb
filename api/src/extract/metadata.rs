//! What may a submitter note? An object, for its own use.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Distinct;

/// An object for the submitter's own use.
#[derive(Default, Deserialize)]
#[serde(try_from = "Distinct")]
pub(crate) struct Metadata(pub Map<String, Value>);

impl TryFrom<Distinct> for Metadata {
    type Error = &'static str;

    fn try_from(Distinct(value): Distinct) -> Result<Self, Self::Error> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err("must be an object"),
        }
    }
}
