//! How does a recording fall silent where something was taken out? It is heard once more, as people hear it.

use std::path::Path;

use esteira_engine::child::WorkDir;
use esteira_engine::job::KindError;

use super::super::input::Input;
use super::super::limits::TranscribeLimits;
use super::super::local::Recording;
use super::flac::Flac;
use super::text::Span;

/// The artifact.
const NAME: &str = "redacted.flac";
const MEDIA_TYPE: &str = "audio/flac";
/// Channels beyond two are mixed, and then fall silent together.
const STEREO: usize = 2;

/// Writes the recording, silent in the spans.
///
/// # Errors
/// When it cannot be decoded or written, or the job is to stop.
pub fn silence(
    path: &Path,
    spans: &[Span],
    input: &Input,
    limits: &TranscribeLimits,
    work: &mut WorkDir,
) -> Result<(), KindError> {
    let recording = Recording::for_people(path, input, limits)?;
    let (rate, channels) = (recording.rate(), recording.channels());
    let all = usize::from(recording.info().channels) > STEREO;
    let mut file = Flac::create(&work.artifact_path(NAME)?, rate, channels)?;
    let mut at = 0_u64;
    recording.hear(&mut |planes| {
        let length = planes.first().map_or(0, |plane| plane.len());
        let mut planes: Vec<Vec<f32>> = planes.iter().map(|plane| plane.to_vec()).collect();
        for span in spans {
            let (start, end) = (samples(span.start, rate), samples(span.end, rate));
            let from = usize::try_from(start.saturating_sub(at)).unwrap_or(usize::MAX).min(length);
            let to = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX).min(length);
            for (number, plane) in (1..).zip(&mut planes) {
                let meant = all || span.channel.is_none_or(|channel| channel == number);
                if let Some(silent) = plane.get_mut(from..to).filter(|_| meant) {
                    silent.fill(0.0);
                }
            }
        }
        at += length as u64;
        work.progress(0.985, "redacting", "")?;
        file.push(&planes)
    })?;
    file.finish()?;
    work.finish_artifact(NAME, MEDIA_TYPE)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
fn samples(seconds: f64, rate: u32) -> u64 {
    (seconds * f64::from(rate)).round() as u64
}
