//! How sure are the results of a period?

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How sure the results are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quality {
    /// Videos that were made.
    pub videos: i64,
    /// What the check of the finished videos found.
    pub video_warnings: Vec<VideoWarning>,
    /// What was transcribed.
    pub transcripts: Vec<Transcript>,
    /// What was read.
    pub documents: Vec<ReadDocument>,
    /// How many there were of each, where the lists have not all.
    pub totals: Totals,
}

/// How many rows lists would have if all were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Totals {
    /// Warnings about videos.
    pub video_warnings: i64,
    /// Transcripts.
    pub transcripts: i64,
    /// Documents.
    pub documents: i64,
}

/// A warning about a video that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VideoWarning {
    /// The id of its job.
    pub job: String,
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The code of the warning.
    pub code: String,
    /// What was found, with the second.
    #[serde(default)]
    pub message: String,
}

/// A transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// The id of its job.
    pub job: String,
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The language, as a tag of BCP 47.
    #[serde(default)]
    pub language: String,
    /// Seconds of sound.
    #[serde(default)]
    pub seconds: f64,
    /// How sure the recognition was, 0–1; none where it did not say.
    #[serde(default)]
    pub confidence: Option<f64>,
}

/// A document that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadDocument {
    /// The id of its job.
    pub job: String,
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// When it was read.
    pub at: DateTime<Utc>,
    /// Its pages.
    #[serde(default)]
    pub pages: i64,
    /// Those of which the text was read from their picture.
    #[serde(default)]
    pub ocr_pages: i64,
    /// How sure the recognition of these was, 0–1.
    #[serde(default)]
    pub confidence: Option<f64>,
    /// How many pages gave nothing, where the list has not all.
    #[serde(default)]
    pub empty: i64,
    /// The numbers of the pages that gave nothing, the first 200.
    #[serde(default)]
    pub empty_pages: Vec<u32>,
}
