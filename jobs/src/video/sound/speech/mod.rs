//! How does text become a voice? espeak-ng, in process, into a WAV file.

use std::path::Path;

use esteira_engine::job::KindError;

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

/// Speaks into the WAV file `out`; answers its length in seconds.
///
/// # Errors
/// `speech_unavailable` without the library, `voice_unknown` without the voice, with the label.
pub fn speak(label: &str, utterance: &Utterance, out: &Path) -> Result<f64, KindError> {
    let _ = (label, utterance, out);
    Err(KindError::fail("sound_unfinished", ""))
}
