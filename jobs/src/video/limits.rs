//! How much may one video ask for? The operator's limits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::captions::CaptionLimits;
use super::sound::SoundLimits;

/// Bytes of the name of a font.
pub const FONT_BYTES: usize = 200;

/// Bytes of the tag of a language; BCP 47 asks software for no more.
pub const TAG_BYTES: usize = 35;

/// Bytes of a reference to a file: the key of an object alone may have 1,024.
pub const SOURCE_BYTES: usize = 2_048;

/// Settings of `video.generate`: every limit, with its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VideoLimits {
    /// Longest video, in seconds.
    pub max_seconds: f64,
    /// Most frames of a video.
    pub max_frames: u32,
    /// Most pixels of a frame: 8,294,400 is 3840 × 2160.
    pub max_frame_pixels: u64,
    /// Widest and highest frame.
    pub max_frame_side: u32,
    /// Highest frame rate.
    pub max_fps: f64,
    /// Most frames times pixels: the work of encoding.
    pub max_total_pixels: u64,
    /// Most tracks.
    pub max_tracks: usize,
    /// Most clips over all tracks.
    pub max_clips: usize,
    /// Most different files.
    pub max_inputs: usize,
    /// Most characters of the words of one clip.
    pub max_text_chars: usize,
    /// Most bytes of the value of a merge field.
    pub max_merge_value_bytes: usize,
    /// Most bytes of text that merge fields fill in, over the whole input.
    pub max_merged_bytes: usize,
    /// Most pixels of a still picture, told from its header before it is decoded.
    pub max_image_pixels: u64,
    /// Most bytes that a still picture may take once it is decoded.
    pub max_image_bytes: u64,
    /// Most pixels of a frame of a video clip.
    pub max_clip_pixels: u64,
    /// Limits of the sound.
    pub sound: SoundLimits,
    /// Limits of the captions.
    pub captions: CaptionLimits,
}

impl Default for VideoLimits {
    fn default() -> Self {
        Self {
            max_seconds: 900.0,
            max_frames: 54_000,
            max_frame_pixels: 3840 * 2160,
            max_frame_side: 4096,
            max_fps: 120.0,
            max_total_pixels: 60_000_000_000,
            max_tracks: 20,
            max_clips: 500,
            max_inputs: 200,
            max_text_chars: 2_000,
            max_merge_value_bytes: 10_000,
            max_merged_bytes: 4 << 20,
            max_image_pixels: 64_000_000,
            max_image_bytes: 256 << 20,
            max_clip_pixels: 3840 * 2160,
            sound: SoundLimits::default(),
            captions: CaptionLimits::default(),
        }
    }
}

/// The settings do not have the form of [`VideoLimits`].
#[derive(Debug, thiserror::Error)]
#[error("settings of video.generate: {0}")]
pub struct BadSettings(#[from] serde_path_to_error::Error<serde_json::Error>);

impl VideoLimits {
    /// The operator's settings; what they leave out has its default.
    ///
    /// # Errors
    /// When a name or a value does not fit.
    pub fn read(settings: &Value) -> Result<Self, BadSettings> {
        if settings.is_null() {
            return Ok(Self::default());
        }
        Ok(serde_path_to_error::deserialize(settings)?)
    }
}
