//! How does a plan become sound? Decode, mix, duck, measure, then hand out frames.

use std::path::Path;

use esteira_engine::job::KindError;
use ffmpeg_next::frame;

use super::facts::SoundFacts;
use super::plan::SoundPlan;

/// A finished mix in a scratch file, read frame by frame.
pub struct Mix {
    facts: SoundFacts,
}

impl Mix {
    /// What was mixed and how it measures.
    #[must_use]
    pub fn facts(&self) -> &SoundFacts {
        &self.facts
    }

    /// The next `samples` samples (fewer at the end) as planar `f32`, 48 kHz, stereo, with `pts` in
    /// 1/48,000 s; `None` after the last one. An AAC encoder wants 1,024 at a time.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn next_frame(&mut self, samples: usize) -> Result<Option<frame::Audio>, KindError> {
        let _ = samples;
        Err(KindError::fail("sound_unfinished", ""))
    }
}

/// Mixes the plan's tracks. `scratch` is a folder for temporary files, which go with the [`Mix`];
/// `progress` hears a fraction now and then and may stop the work by an error.
///
/// # Errors
/// `sound_unreadable`, `sound_too_long` and their like name the track by its label.
pub fn mix(
    plan: SoundPlan,
    scratch: &Path,
    progress: &mut dyn FnMut(f64) -> Result<(), KindError>,
) -> Result<Mix, KindError> {
    let _ = (plan, scratch, progress);
    Err(KindError::fail("sound_unfinished", ""))
}
