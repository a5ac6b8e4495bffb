//! What came out? Facts about the sound, for the manifest.

use schemars::JsonSchema;
use serde::Serialize;

/// What was mixed and how it measures.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SoundFacts {
    /// Samples of the result, each of two channels at 48,000 a second.
    pub samples: u64,
    /// No track brought any sound: the result is digital silence.
    pub silent: bool,
    /// Music or clips gave way to a voice.
    pub ducked: bool,
    /// The mix before it was brought to its loudness.
    pub before: Measured,
    /// The result, measured on the samples that are given to the encoder.
    pub after: Measured,
    /// The linear gain between the two, in dB.
    pub gain_db: f64,
    /// The most that the peak limiter took away anywhere, in dB (0: it had nothing to do).
    pub limited_db: f64,
    /// Things that worked, and may not be meant.
    pub warnings: Vec<String>,
    /// What each file held.
    pub sources: Vec<SourceFacts>,
}

/// Loudness after ITU-R BS.1770-4 and EBU R 128; `null` where there is too little sound to tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Measured {
    /// Integrated loudness in LUFS.
    pub integrated_lufs: Option<f64>,
    /// True peak in dBTP, the louder channel.
    pub true_peak_dbtp: Option<f64>,
    /// Loudness range in LU.
    pub range_lu: Option<f64>,
}

/// What a track's file held.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SourceFacts {
    /// The track's label.
    pub label: String,
    /// The codec's name; absent when the file holds no sound.
    pub codec: Option<String>,
    /// Samples a second in the file.
    pub sample_rate: u32,
    /// Channels in the file.
    pub channels: u16,
    /// Seconds that were used, after trim and speed.
    pub seconds: f64,
}
