//! Which engine can do what is asked? And what of it can neither?

use super::super::limits::TranscribeLimits;
use super::fields::{EngineChoice, Input, Vocabulary};
use super::language::Language;

/// The engine of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picked {
    /// Whisper.
    Local,
}

/// Picks one; or tells, with the field, what is in its way.
pub fn pick(input: &Input, _limits: &TranscribeLimits) -> Result<Picked, Vec<(&'static str, String)>> {
    let mut faults = Vec::new();
    if input.engine == EngineChoice::Aws {
        faults.push(("/engine", "this server has no Amazon Transcribe; take \"local\" or \"auto\"".to_owned()));
    }
    faults.extend(against_local(input));
    if faults.is_empty() { Ok(Picked::Local) } else { Err(faults) }
}

/// What Whisper cannot do.
fn against_local(input: &Input) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    if input.diarize {
        let message = "the local engine does not tell voices apart; where each speaker has a channel of their own, \
                       take \"channels\": \"separate\"";
        faults.push(("/diarize", message.to_owned()));
    }
    if let Language::Tag(tag) = &input.language
        && input.language.for_whisper().is_none()
    {
        faults.push(("/language", format!("Whisper does not know the language {tag:?}")));
    }
    if matches!(input.vocabulary, Some(Vocabulary::Name(_))) {
        let message = "the local engine takes the words themselves: [\"Esteira\", \"Olinda\"]";
        faults.push(("/vocabulary", message.to_owned()));
    }
    faults
}
