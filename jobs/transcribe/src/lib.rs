//! `media.transcribe`: what is said in audio and video, word by word with its times.
//!
//! The way of a job: `input` reads and checks what is asked, `local` hears the file and lets Whisper
//! write, or `aws` lets Amazon do it, `redact` takes out what nobody is to read, `write` makes every output of one [`Transcript`].
//!
//! | room | what |
//! |---|---|
//! | `input` | the input, its manual, its faults |
//! | `local` | decoding, speech and silence, chunks, Whisper |
//! | `aws` | Amazon Transcribe: started and looked at in the worker, its result read in the child |
//! | `redact` | e-mail addresses, numbers of cards and persons, in text and sound |
//! | `write` | JSON, text, SRT, WebVTT, passages of the search |

mod aws;
mod input;
mod limits;
mod local;
mod manual;
mod outcome;
mod redact;
mod source;
mod transcript;
mod write;

use esteira_engine::child::WorkDir;
use esteira_engine::job::{CheckedInput, InputError, Kind, KindError, KindInfo, Prepare};
use serde_json::Value;

pub use limits::{AwsLimits, TranscribeLimits};
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

    fn prepare(&self) -> Option<&dyn Prepare> {
        Some(&aws::Desk)
    }

    fn run(&self, input: &Value, settings: &Value, work: &mut WorkDir) -> Result<Value, KindError> {
        let (mut input, limits) = read(input, settings)?;
        let mut transcript = match input::chosen(&input, &limits) {
            Ok(input::Chosen::Aws) => {
                // What falls silent must be what Amazon has heard.
                input.track = Some(aws::TRACK);
                aws::transcribe(&input, &limits, work)?
            }
            // What is in the way of both was found by the check.
            Ok(input::Chosen::Local) | Err(_) => local::transcribe(&input, &limits, work)?,
        };
        let spans = redact::redact(&mut transcript.segments, &input.redact);
        if input.wants(input::Output::Audio) {
            redact::silence(&work.file(&input.source)?, &spans, &input, &limits, work)?;
        }
        write::write(transcript, spans.len(), &input, work)
    }
}

/// Reads and checks an input that was fit when it was submitted.
fn read(input: &Value, settings: &Value) -> Result<(input::Input, TranscribeLimits), KindError> {
    let limits =
        input::settings(settings).map_err(|error| KindError::fail("bad_settings", error.to_string()))?;
    let bad_input = |faults: Vec<InputError>| {
        let message = faults.iter().map(|fault| format!("/input{}: {}", fault.pointer, fault.message));
        KindError::fail("bad_input", message.collect::<Vec<_>>().join("; "))
    };
    let input = input::read(input).map_err(bad_input)?;
    input::check(&input, &limits).map_err(bad_input)?;
    Ok((input, limits))
}
