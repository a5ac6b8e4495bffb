//! What is to be mixed? Tracks with files, places and gains, in samples of the result.

use std::path::PathBuf;

use esteira_engine::job::KindError;

use super::input::{Ducking, Loudness};
use super::limits::SoundLimits;

/// Samples a second of everything that is mixed.
pub const RATE: u32 = 48_000;

/// Hears how far the work is, from 0 to 1, and may stop it by an error.
pub type Progress<'a> = dyn FnMut(f64) -> Result<(), KindError> + 'a;

/// The nearest sample to a second of the video.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "negative seconds saturate to 0, and the plan is bounded long before 2^64 samples"
)]
pub fn samples_at(seconds: f64) -> u64 {
    (seconds * f64::from(RATE)).round() as u64
}

/// All that the mixer needs to know.
#[derive(Debug, Clone)]
pub struct SoundPlan {
    /// Exact length of the result, in samples of 1/48,000 s.
    pub samples: u64,
    /// What is heard.
    pub tracks: Vec<Track>,
    /// How beds give way to voices.
    pub ducking: Ducking,
    /// How loud the result is.
    pub loudness: Loudness,
    /// The operator's limits.
    pub limits: SoundLimits,
}

/// What a track is, which decides who gives way to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Music: gives way to voices.
    Music,
    /// The sound of a video clip: gives way to voices where [`Ducking::clips`] says so.
    Clip,
    /// Narration: what the others give way to.
    Voice,
}

/// A sound file at a place of the result.
#[derive(Debug, Clone)]
pub struct Track {
    /// What errors call it, e.g. `/tracks/0/clips/2` or `/audio/music`: a pointer, never a path.
    pub label: String,
    /// The file. Any container with a stream of sound.
    pub path: PathBuf,
    /// Who gives way to whom.
    pub role: Role,
    /// Sample of the result at which it begins.
    pub start: u64,
    /// Samples of the result that it fills at most; without it, as long as the file lasts.
    pub length: Option<u64>,
    /// Second of the file from which it is played.
    pub trim_start: f64,
    /// Factor on the tempo, the pitch kept: 2 plays twice as fast. From 0.1 to 10.
    pub speed: f64,
    /// Factor on the amplitude.
    pub gain: f64,
    /// Samples of fade at the beginning.
    pub fade_in: u64,
    /// Samples of fade at the end.
    pub fade_out: u64,
    /// Begin again when the file ends, with a crossfade of this many samples.
    pub looped: Option<u64>,
    /// A file without a stream of sound is an error; otherwise it is silent.
    pub required: bool,
}

impl Track {
    /// A track as it stands in the file, at the beginning of the result.
    pub fn new(label: impl Into<String>, path: impl Into<PathBuf>, role: Role) -> Self {
        Self {
            label: label.into(),
            path: path.into(),
            role,
            start: 0,
            length: None,
            trim_start: 0.0,
            speed: 1.0,
            gain: 1.0,
            fade_in: 0,
            fade_out: 0,
            looped: None,
            required: true,
        }
    }
}
