//! What does the job say at its end?

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::transcript::{Engine, Warning};

/// The output of a job.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The language, as a tag of BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Seconds of the recording.
    pub duration: f64,
    /// Whether anything was said.
    pub speech: bool,
    /// Who heard it.
    pub engine: Engine,
    /// How much was said.
    pub counts: Counts,
    /// How sure the words are, from 0 to 1, over all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// What a reader should know: the first 50.
    pub warnings: Vec<Warning>,
    /// What counts for the tenant's usage.
    pub usage: Heard,
}

/// How much was said.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Segments.
    pub segments: usize,
    /// Words.
    pub words: usize,
    /// Characters of the text.
    pub characters: usize,
    /// Subtitles.
    pub cues: usize,
    /// Places that were redacted.
    pub redactions: usize,
}

/// Seconds for the tenant's usage.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Heard {
    /// Seconds of the recording.
    pub media_seconds: f64,
}

/// JSON Schema (2020-12) of a job's output.
#[must_use]
pub fn output_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    serde_json::to_value(generator.into_root_schema_for::<Outcome>()).unwrap_or_else(|_| json!({}))
}
