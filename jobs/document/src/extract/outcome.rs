//! What does the job say at its end, and the search of the document?

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::model::{Metadata, Warning};
use super::super::write::{Counts, Source};

/// Warnings that are told with the job; all of them are in `document.json`.
pub const MOST_WARNINGS: usize = 50;

/// The output of a job.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The media type of the source, told by its content.
    pub media_type: String,
    /// The SHA-256 of the source, in hexadecimal.
    pub sha256: String,
    /// The size of the source in bytes.
    pub bytes: u64,
    /// The title that the document says it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The language that most of its text is in, as a tag of BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// How much was read.
    pub counts: Counts,
    /// How sure the words are that were read from pictures, from 0 to 1, over all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// What a reader should know: the first 50.
    pub warnings: Vec<Warning>,
    /// Whether something of the document is missing: a limit was reached, or a part could not be read.
    pub truncated: bool,
    /// What counts for the tenant's usage.
    pub usage: PagesRead,
}

/// Pages for the tenant's usage.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct PagesRead {
    /// Pages, sheets, slides and parts that were read.
    pub pages: u32,
}

/// JSON Schema (2020-12) of a job's output.
#[must_use]
pub fn output_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    serde_json::to_value(generator.into_root_schema_for::<Outcome>()).unwrap_or_else(|_| json!({}))
}

/// What the search shows of a document besides.
pub fn told(metadata: &Metadata, source: &Source) -> Map<String, Value> {
    // Short enough for what is kept of a document.
    let short = |text: &String| text.chars().take(200).collect::<String>();
    let mut told = Map::new();
    told.insert("media_type".to_owned(), json!(source.media_type));
    if !metadata.authors.is_empty() {
        told.insert(
            "authors".to_owned(),
            json!(metadata.authors.iter().take(10).map(short).collect::<Vec<_>>()),
        );
    }
    for (name, value) in [
        ("subject", &metadata.subject),
        ("created", &metadata.created),
        ("modified", &metadata.modified),
        ("producer", &metadata.producer),
    ] {
        if let Some(value) = value {
            told.insert(name.to_owned(), json!(short(value)));
        }
    }
    told
}
