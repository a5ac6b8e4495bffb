//! Which report is asked for: one of the three, or a tenant's own template.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Which report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Which {
    /// What was used.
    Usage,
    /// What was done.
    Activity,
    /// How sure the results are.
    Quality,
    /// What the template in a file says, which is checked with the other names of files.
    Template(String),
}

impl Which {
    /// The name of the template's file.
    #[must_use]
    pub fn template(&self) -> Option<&str> {
        match self {
            Self::Template(uri) => Some(uri),
            _ => None,
        }
    }

    /// The name of the report.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Activity => "activity",
            Self::Quality => "quality",
            Self::Template(_) => "template",
        }
    }
}

impl TryFrom<String> for Which {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(match text.as_str() {
            "usage" => Self::Usage,
            "activity" => Self::Activity,
            "quality" => Self::Quality,
            _ if text.contains("://") => Self::Template(text),
            _ => return Err("a report is usage, activity, quality, or the file of a template: upload://…"),
        })
    }
}

impl From<Which> for String {
    fn from(which: Which) -> Self {
        match which {
            Which::Template(uri) => uri,
            other => other.name().to_owned(),
        }
    }
}

impl JsonSchema for Which {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Which".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "maxLength": 2048,
            "pattern": "^(usage|activity|quality|[a-z0-9]+://.+)$",
            "examples": ["usage", "activity", "quality", "upload://0192f0c1-2345-7abc-8def-000000000001"],
        })
    }
}
