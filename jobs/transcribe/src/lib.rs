//! `media.transcribe`: what is said in audio and video, word by word with its times.
//!
//! The way of a job: `input` reads and checks what is asked, `local` hears the file and lets Whisper
//! write, `redact` takes out what nobody is to read, `write` makes every output of one [`Transcript`].
//!
//! | room | what |
//! |---|---|
//! | `input` | the input, its manual, its faults |
//! | `local` | decoding, speech and silence, chunks, Whisper |
//! | `redact` | e-mail addresses, numbers of cards and persons, in text and sound |
//! | `write` | JSON, text, SRT, WebVTT, passages of the search |

mod input;
mod limits;
mod local;
mod manual;
mod outcome;
mod redact;
mod transcript;
mod write;

use esteira_engine::child::WorkDir;
use esteira_engine::job::{CheckedInput, InputError, Kind, KindError, KindInfo};
use serde_json::Value;

pub use limits::TranscribeLimits;
pub use transcript::{Segment, Transcript, Word};

/// The kind `media.transcribe`.
#[derive(Debug, Clone, Copy, Default)]
pub struct MediaTranscribe;

impl Kind for MediaTranscribe {
    fn info(&self) -> KindInfo {
        manual::info()
    }

    fn check(&self, input: &Value, settings: &Value) -> Result<CheckedInput, Vec<InputError>> {
        let limits =
            input::settings(settings).map_err(|error| vec![InputError::new("", error.to_string())])?;
        input::check(&input::read(input)?, &limits)
    }

    fn checkpoint_version(&self) -> Option<&'static str> {
        Some(local::CHECKPOINTS)
    }

    fn check_settings(&self, settings: &Value) -> Result<(), String> {
        input::settings(settings).map(|_| ()).map_err(|error| error.to_string())
    }

    fn reads(&self, settings: &Value) -> Vec<std::path::PathBuf> {
        input::settings(settings).map(|limits| limits.reads()).unwrap_or_default()
    }

    fn run(&self, input: &Value, settings: &Value, work: &mut WorkDir) -> Result<Value, KindError> {
        let limits =
            input::settings(settings).map_err(|error| KindError::fail("bad_settings", error.to_string()))?;
        let bad_input = |faults: Vec<InputError>| {
            let message = faults.iter().map(|fault| format!("/input{}: {}", fault.pointer, fault.message));
            KindError::fail("bad_input", message.collect::<Vec<_>>().join("; "))
        };
        let input = input::read(input).map_err(bad_input)?;
        input::check(&input, &limits).map_err(bad_input)?;
        let mut transcript = local::transcribe(&input, &limits, work)?;
        let spans = redact::redact(&mut transcript.segments, &input.redact);
        if input.wants(input::Output::Audio) {
            redact::silence(&work.file(&input.source)?, &spans, &input, &limits, work)?;
        }
        write::write(transcript, spans.len(), &input, work)
    }
}
