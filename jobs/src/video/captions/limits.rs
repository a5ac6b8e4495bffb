//! How many captions may a job bring? The operator's limits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Limits of the captions of one video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CaptionLimits {
    /// Bytes of a caption file, and of all listed texts together.
    pub max_bytes: u64,
    /// Cues of a video.
    pub max_cues: usize,
    /// Characters of one cue.
    pub max_cue_chars: usize,
}

impl Default for CaptionLimits {
    fn default() -> Self {
        Self { max_bytes: 2 << 20, max_cues: 10_000, max_cue_chars: 1_000 }
    }
}
