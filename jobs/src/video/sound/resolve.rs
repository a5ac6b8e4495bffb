//! How does the `audio` section become tracks? Checks, speech, and where each part begins.

use std::path::{Path, PathBuf};

use esteira_engine::job::{InputError, KindError};

use super::input::Audio;
use super::limits::SoundLimits;
use super::plan::{SoundPlan, Track};

/// The section with its files found and its texts spoken; the length of the video still open.
#[derive(Debug, Clone)]
pub struct ResolvedAudio {
    /// Music and narration.
    pub tracks: Vec<Track>,
    /// Second at which the last narration ends: a video of length `auto` lasts at least that long.
    pub narration_end: f64,
    /// Where each narration lies, in the order of the input: start and end in seconds.
    pub narrations: Vec<(f64, f64)>,
}

impl ResolvedAudio {
    /// The plan of a video of `samples` samples; `clips` are the tracks of its video clips.
    #[must_use]
    pub fn plan(self, audio: &Audio, samples: u64, clips: Vec<Track>, limits: &SoundLimits) -> SoundPlan {
        let mut tracks = self.tracks;
        tracks.extend(clips);
        SoundPlan {
            samples,
            tracks,
            ducking: audio.ducking.clone(),
            loudness: audio.loudness.clone(),
            limits: limits.clone(),
        }
    }
}

/// Every fault that the section alone shows; `base` is its own pointer, e.g. `/audio`.
#[must_use]
pub fn check(audio: &Audio, base: &str, limits: &SoundLimits) -> Vec<InputError> {
    let _ = (audio, base, limits);
    Vec::new()
}

/// The file names in the section, each with its pointer.
#[must_use]
pub fn sources<'a>(audio: &'a Audio, base: &str) -> Vec<(String, &'a str)> {
    let _ = (audio, base);
    Vec::new()
}

/// Finds the files by `file` (as [`esteira_engine::child::WorkDir::file`] does) and speaks the texts
/// into `scratch`.
///
/// # Errors
/// A file that cannot be read, a voice that is missing: with the pointer of its place.
pub fn resolve(
    audio: &Audio,
    base: &str,
    file: &dyn Fn(&str) -> Result<PathBuf, KindError>,
    scratch: &Path,
    limits: &SoundLimits,
) -> Result<ResolvedAudio, KindError> {
    let _ = (audio, base, file, scratch, limits);
    Err(KindError::fail("sound_unfinished", ""))
}
