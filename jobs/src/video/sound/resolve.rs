//! How does the `audio` section become tracks? Its files found, its texts spoken, its parts placed.

use std::path::{Path, PathBuf};

use esteira_engine::job::KindError;

use super::input::{Audio, Music, Narration};
use super::limits::SoundLimits;
use super::plan::{Role, SoundPlan, Track, samples_at};
use super::probe::exact_seconds;
use super::speech::{Utterance, speak};

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

/// Finds the files by `file` (as [`esteira_engine::child::WorkDir::file`] does) and speaks the texts
/// into the folder `scratch`, where the speech stays until the mix is done. `base` is the section's
/// own pointer, e.g. `/audio`.
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
    let mut resolved = ResolvedAudio { tracks: Vec::new(), narration_end: 0.0, narrations: Vec::new() };
    if let Some(music) = &audio.music {
        resolved.tracks.push(bed(music, format!("{base}/music"), file(&music.source)?));
    }
    let mut follows = 0.0;
    for (index, part) in audio.narration.iter().enumerate() {
        let label = format!("{base}/narration/{index}");
        let (path, seconds) = record(part, &label, index, file, scratch, limits)?;
        let start = part.start.unwrap_or(follows + part.gap);
        follows = start + seconds;
        resolved.narrations.push((start, follows));
        resolved.narration_end = resolved.narration_end.max(follows);
        let track =
            Track { start: samples_at(start), gain: part.volume, ..Track::new(label, path, Role::Voice) };
        resolved.tracks.push(track);
    }
    Ok(resolved)
}

fn bed(music: &Music, label: String, path: PathBuf) -> Track {
    Track {
        start: samples_at(music.start),
        length: music.length.map(samples_at),
        trim_start: music.trim_start,
        gain: music.volume,
        fade_in: samples_at(music.fade_in),
        fade_out: samples_at(music.fade_out),
        looped: music.looped.then(|| samples_at(music.crossfade)),
        ..Track::new(label, path, Role::Music)
    }
}

/// The part as a file, and its length in seconds.
fn record(
    part: &Narration,
    label: &str,
    index: usize,
    file: &dyn Fn(&str) -> Result<PathBuf, KindError>,
    scratch: &Path,
    limits: &SoundLimits,
) -> Result<(PathBuf, f64), KindError> {
    if let Some(source) = &part.source {
        let path = file(source)?;
        let seconds = exact_seconds(label, &path, limits)?;
        return Ok((path, seconds));
    }
    let text = part.text.as_deref().unwrap_or_default();
    let path = scratch.join(format!("narration-{index}.wav"));
    let utterance = Utterance { text, voice: &part.voice, rate: part.rate, pitch: part.pitch };
    let seconds = speak(label, &utterance, &path)?;
    Ok((path, seconds))
}
