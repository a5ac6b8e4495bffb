//! Does a file hold sound, and how long is it?

use std::path::Path;

use esteira_engine::job::KindError;
use esteira_media::{SoundInfo, Source, Track};

use super::limits::SoundLimits;

/// Looks into a file; `None` when it holds no stream of sound (a picture, a silent clip).
///
/// # Errors
/// `sound_unreadable` with the label, when libav cannot make sense of the file.
pub fn probe(label: &str, path: &Path, limits: &SoundLimits) -> Result<Option<SoundInfo>, KindError> {
    Ok(Source::open(label, path, Track::Best, &limits.media())?.map(|source| source.info()))
}

/// The length of a file's sound in seconds, by decoding it: containers guess, and some lie.
///
/// # Errors
/// As [`probe`]; `sound_missing` without a stream of sound, `sound_too_long` beyond the limit.
pub fn exact_seconds(label: &str, path: &Path, limits: &SoundLimits) -> Result<f64, KindError> {
    let Some(mut source) = Source::open(label, path, Track::Best, &limits.media())? else {
        return Err(KindError::fail("sound_missing", format!("{label}: the file holds no sound")));
    };
    let mut seconds = 0.0;
    while let Some((frame, _)) = source.next_frame()? {
        #[expect(clippy::cast_precision_loss, reason = "a frame has few samples")]
        let length = frame.samples() as f64 / f64::from(frame.rate());
        seconds += length;
        if seconds > limits.max_decoded_seconds {
            let most = limits.max_decoded_seconds;
            let message = format!("{label}: the sound lasts longer than the {most} s that are allowed");
            return Err(KindError::fail("sound_too_long", message));
        }
    }
    Ok(seconds)
}
