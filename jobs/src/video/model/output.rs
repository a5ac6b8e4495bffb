//! How is the video written? The `output` section.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Size, frame rate and quality of the result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Output {
    /// Width in pixels, an even number.
    #[schemars(range(min = 16))]
    pub width: u32,
    /// Height in pixels, an even number.
    #[schemars(range(min = 16))]
    pub height: u32,
    /// Frames a second. 23.976, 29.97 and 59.94 mean 24000/1001, 30000/1001 and 60000/1001.
    #[schemars(range(min = 1.0))]
    pub fps: f64,
    /// Container and codecs: `mp4` is H.264 with AAC.
    pub format: Format,
    /// Constant rate factor of x264: 0 is lossless, 18 looks like the source, 23 is usual, 51 is worst.
    #[schemars(range(max = 51))]
    pub crf: u8,
    /// How hard x264 works: a slower preset makes a smaller file of the same quality.
    pub preset: Preset,
    /// Bit rate of the sound in kbit/s.
    #[schemars(range(min = 32, max = 320))]
    pub audio_kbps: u32,
    /// Colour behind everything: `#rrggbb` or a name.
    pub background: String,
    /// Length in seconds. Without it the video ends with its last clip.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub length: Option<f64>,
    /// Second that `poster.jpg` shows. Without it, a third of the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub poster_at: Option<f64>,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 720,
            fps: 30.0,
            format: Format::Mp4,
            crf: 23,
            preset: Preset::Veryfast,
            audio_kbps: 128,
            background: "#000000".to_owned(),
            length: None,
            poster_at: None,
        }
    }
}

/// Container and codecs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// H.264 and AAC in MP4, ready to stream.
    Mp4,
}

/// Presets of x264, from the fastest to the smallest file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    Ultrafast,
    Superfast,
    Veryfast,
    Faster,
    Fast,
    Medium,
    Slow,
    Slower,
}

impl Preset {
    /// The name that x264 knows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ultrafast => "ultrafast",
            Self::Superfast => "superfast",
            Self::Veryfast => "veryfast",
            Self::Faster => "faster",
            Self::Fast => "fast",
            Self::Medium => "medium",
            Self::Slow => "slow",
            Self::Slower => "slower",
        }
    }
}

impl Output {
    /// The frame rate as a fraction; the three rates of television get their exact value.
    #[must_use]
    pub fn rate(&self) -> (i32, i32) {
        for (shown, fraction) in [(23.976, (24_000, 1001)), (29.97, (30_000, 1001)), (59.94, (60_000, 1001))]
        {
            if (self.fps - shown).abs() < 0.004 {
                return fraction;
            }
        }
        if (self.fps - self.fps.round()).abs() < 1e-6 {
            return (self.fps.round() as i32, 1);
        }
        ((self.fps * 1000.0).round() as i32, 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_television_are_exact() {
        let rate = |fps: f64| Output { fps, ..Output::default() }.rate();
        assert_eq!(rate(29.97), (30_000, 1001));
        assert_eq!(rate(23.976), (24_000, 1001));
        assert_eq!(rate(25.0), (25, 1));
        assert_eq!(rate(12.5), (12_500, 1000));
    }
}
