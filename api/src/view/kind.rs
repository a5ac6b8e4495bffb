//! What does a caller see of a kind? Its manual, without what only the operator cares for.

use esteira_engine::job::KindInfo;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The manual of a kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Kind, example = json!({
    "name": "document.extract", "title": "Text of a document", "description": "Reads a document.",
    "input_schema": {"type": "object", "required": ["source"], "properties": {"source": {"type": "string"}}},
    "output_schema": {"type": "object"},
    "example": {"source": "upload://0192f0c1-2345-7abc-8def-0123456789ab"},
    "defaults": {"max_attempts": 3, "timeout_seconds": 900, "stall_seconds": 120},
}))]
pub(crate) struct KindView {
    /// What a submit names it.
    #[schema(example = "video.generate")]
    pub name: &'static str,
    /// A few words for a heading.
    pub title: &'static str,
    /// Some sentences for somebody who has never used it, in Markdown.
    pub description: &'static str,
    /// JSON Schema (2020-12) of `input`.
    #[schema(value_type = Object)]
    pub input_schema: Value,
    /// JSON Schema (2020-12) of `output`.
    #[schema(value_type = Object)]
    pub output_schema: Value,
    /// An input that runs, once its `upload://` names are replaced by those of real files.
    #[schema(value_type = Object)]
    pub example: Value,
    /// What holds where a submit does not say.
    pub defaults: DefaultsView,
}

/// How a job of a kind runs where its submit does not say.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KindDefaults)]
pub(crate) struct DefaultsView {
    /// Attempts before the job ends `failed`.
    pub max_attempts: u16,
    /// Seconds that one attempt may take.
    pub timeout_seconds: u64,
    /// An attempt that reports nothing for this many seconds is ended and tried again.
    pub stall_seconds: u64,
}

impl From<&KindInfo> for KindView {
    fn from(info: &KindInfo) -> Self {
        Self {
            name: info.name,
            title: info.title,
            description: info.description,
            input_schema: info.input_schema.clone(),
            output_schema: info.output_schema.clone(),
            example: info.example.clone(),
            defaults: DefaultsView {
                max_attempts: info.defaults.max_attempts,
                timeout_seconds: info.defaults.timeout.as_secs(),
                stall_seconds: info.defaults.stall.as_secs(),
            },
        }
    }
}
