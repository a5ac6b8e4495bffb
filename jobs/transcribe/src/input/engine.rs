//! What of an input can the engine not do? Each with the field that asks for it.

use super::fields::{EngineChoice, Input, Vocabulary};
use super::language::Language;

/// What is in the way, by its pointer.
pub fn refused(input: &Input) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    if input.engine == EngineChoice::Aws {
        let message = "this server has no Amazon Transcribe; take \"local\" or \"auto\"";
        faults.push(("/engine", message.to_owned()));
    }
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
