//! How much sound may a job ask for? The operator's limits.

use esteira_media::MediaLimits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Limits of the sound of one video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SoundLimits {
    /// Seconds of sound that may be decoded, over all tracks together. A second waits on disk in 384 kB:
    /// an hour in 1.4 GB.
    pub max_decoded_seconds: f64,
    /// Spoken parts of a video.
    pub max_narrations: usize,
    /// Characters of one spoken text.
    pub max_text_chars: usize,
    /// Characters of all spoken texts of a video together.
    pub max_total_text_chars: usize,
    /// Bytes of one sound file.
    pub max_file_bytes: u64,
    /// Channels of a sound file.
    pub max_channels: u16,
    /// Decibels by which a quiet mix may be raised on its way to the loudness target.
    pub max_gain_db: f64,
}

impl SoundLimits {
    /// Those of one file.
    pub(super) fn media(&self) -> MediaLimits {
        MediaLimits { max_file_bytes: self.max_file_bytes, max_channels: self.max_channels }
    }
}

impl Default for SoundLimits {
    fn default() -> Self {
        Self {
            max_decoded_seconds: 3600.0,
            max_narrations: 200,
            max_text_chars: 5_000,
            max_total_text_chars: 50_000,
            max_file_bytes: 2 << 30,
            max_channels: 16,
            max_gain_db: 40.0,
        }
    }
}
