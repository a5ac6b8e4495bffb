//! How does text become a voice? espeak-ng, in process, into a WAV file.

mod espeak;
mod wav;

use std::path::Path;

use esteira_engine::job::KindError;

use crate::video::limits::TAG_BYTES;

pub use espeak::available;

/// What to say and how.
#[derive(Debug, Clone)]
pub struct Utterance<'a> {
    /// The words.
    pub text: &'a str,
    /// A language tag: `pt-br`, `en`.
    pub voice: &'a str,
    /// 1 is the voice's usual speed.
    pub rate: f64,
    /// 0 to 100; 50 is the voice's usual pitch.
    pub pitch: u8,
}

/// Speaks into the WAV file `out`; answers its length in seconds. `label` is the pointer of the
/// narration, e.g. `/audio/narration/0`.
///
/// # Errors
/// `speech_unavailable` without the library, `voice_unknown` without the voice, `speech_failed`
/// when nothing was said.
pub fn speak(label: &str, utterance: &Utterance, out: &Path) -> Result<f64, KindError> {
    let spoken = espeak::synthesise(utterance).map_err(|error| error.at(label))?;
    if spoken.samples.iter().all(|sample| *sample == 0) {
        let message = format!("{label}/text: the voice {:?} has nothing to say for it", utterance.voice);
        return Err(KindError::fail("speech_failed", message));
    }
    wav::write(out, spoken.rate, &spoken.samples).map_err(|error| {
        KindError::retry("work_dir_unwritable", format!("{label}: storing the speech: {}", error.kind()))
    })?;
    #[expect(clippy::cast_precision_loss, reason = "the samples are limited to some hours")]
    Ok(spoken.samples.len() as f64 / f64::from(spoken.rate))
}

/// Whether a text can name a voice: a language tag. The library would take a path as well, and
/// `mb-…` would have it start another program.
#[must_use]
pub fn is_voice_name(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    text.len() <= TAG_BYTES
        && (2..=3).contains(&language.len())
        && !text.to_ascii_lowercase().starts_with("mb-")
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_language_tags_name_voices() {
        for good in ["en", "pt-br", "PT-BR", "en-us-nyc", "zh", "cmn-latn-pinyin"] {
            assert!(is_voice_name(good), "{good}");
        }
        for bad in [
            "",
            "e",
            "../../etc/passwd",
            "en+f3",
            "mb-br1",
            "en us",
            "en-",
            "voices/en",
            "é",
            &format!("en{}", "-x".repeat(50)),
        ] {
            assert!(!is_voice_name(bad), "{bad}");
        }
    }
}
