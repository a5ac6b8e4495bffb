//! How does a transcript become artifacts? Every output is made of the one struct.

mod cues;
mod json;
mod paragraphs;
mod passages;
mod srt;
#[cfg(test)]
#[path = "../../tests/hear/strict.rs"]
mod strict;
mod time;
mod vtt;
mod wrap;

use std::fs::File;
use std::io::{self, BufWriter, Write};

use esteira_engine::child::WorkDir;
use esteira_engine::child::protocol::LogLevel;
use esteira_engine::document::DocumentHead;
use esteira_engine::job::KindError;
use serde_json::{Map, Value, json};

use super::input::{Input, Output};
use super::outcome::{Counts, Heard, Outcome};
use super::transcript::Transcript;
use cues::cues;
pub use time::spoken;

/// Warnings that are told with the job; all of them are in `transcript.json`.
const MOST_WARNINGS: usize = 50;

/// Writes what was asked for, and tells what came of the job.
///
/// # Errors
/// When the work directory takes no more, or the job is to stop.
pub fn write(
    mut transcript: Transcript,
    redactions: usize,
    input: &Input,
    work: &mut WorkDir,
) -> Result<Value, KindError> {
    work.progress(0.99, "writing", "")?;
    let cues = cues(&transcript.segments, &input.subtitle);
    let words = transcript.segments.iter().map(|segment| segment.words.len()).sum();
    if !input.words {
        transcript.segments.iter_mut().for_each(|segment| segment.words.clear());
    }
    for output in &input.outputs {
        match output {
            Output::Json => {
                artifact(work, "transcript.json", "application/json", |out| json::write(&transcript, out))?;
            }
            Output::Txt => {
                artifact(work, "transcript.txt", "text/plain; charset=utf-8", |out| {
                    paragraphs::write(&transcript, out)
                })?;
            }
            Output::Srt => {
                artifact(work, "transcript.srt", "application/x-subrip", |out| srt::write(&cues, out))?;
            }
            Output::Vtt => {
                artifact(work, "transcript.vtt", "text/vtt; charset=utf-8", |out| vtt::write(&cues, out))?;
            }
            // It was written when the file was heard again.
            Output::Audio => {}
        }
    }
    if input.index {
        let mut document = work.begin_document()?;
        for passage in passages::of(&transcript) {
            document.add(&passage)?;
        }
        let head = head(&transcript, input, work.file_name(&input.source));
        work.finish_document(document, &head)?;
    }
    for warning in transcript.warnings.iter().take(MOST_WARNINGS) {
        work.log(LogLevel::Warn, &warning.message)?;
    }
    work.progress(1.0, "done", "")?;
    let counts = Counts {
        segments: transcript.segments.len(),
        words,
        characters: transcript.segments.iter().map(|segment| segment.text.chars().count()).sum(),
        cues: cues.len(),
        redactions,
    };
    let outcome = Outcome {
        language: transcript.language,
        duration: transcript.duration,
        speech: transcript.speech,
        engine: transcript.engine,
        counts,
        confidence: transcript.confidence,
        warnings: transcript.warnings.into_iter().take(MOST_WARNINGS).collect(),
        usage: Heard { media_seconds: transcript.duration },
    };
    Ok(serde_json::to_value(outcome).unwrap_or_else(|_| json!({})))
}

fn artifact(
    work: &mut WorkDir,
    name: &str,
    media_type: &str,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), KindError> {
    work.check_stop()?;
    let path = work.artifact_path(name)?;
    let written = File::create(path).and_then(|file| {
        let mut out = BufWriter::new(file);
        fill(&mut out)?;
        out.flush()
    });
    written.map_err(|error| {
        KindError::retry("storage_failed", format!("the work directory: {}", error.kind()))
    })?;
    work.finish_artifact(name, media_type)
}

/// What the search shows of the recording: it is called as its file, or else as it begins.
fn head(transcript: &Transcript, input: &Input, file_name: Option<&str>) -> DocumentHead {
    /// Characters of a title.
    const TITLE: usize = 80;
    let beginning = transcript.segments.first().map(|segment| segment.text.as_str());
    let title = file_name.or(beginning).unwrap_or_default();
    let mut metadata = Map::new();
    metadata.insert("engine".to_owned(), json!(transcript.engine.name));
    metadata.insert("model".to_owned(), json!(transcript.engine.model));
    DocumentHead {
        title: title.chars().take(TITLE).collect(),
        language: transcript.language.clone(),
        metadata,
        source: Some(input.source.clone()),
        seconds: Some(transcript.duration),
        ..DocumentHead::default()
    }
}

#[cfg(test)]
mod tests {
    use super::cues::Cue;
    use super::{srt, strict, vtt};

    #[test]
    fn marks_that_are_said_are_none_of_the_file() {
        let cue = Cue {
            start: 1_000,
            end: 2_000,
            lines: vec!["a --> b <i> & {\\an8}".to_owned(), "<v Ana>&amp;".to_owned()],
            speaker: Some("Ana <b> & --> {c}".to_owned()),
        };
        let (mut as_srt, mut as_vtt) = (Vec::new(), Vec::new());
        srt::write(std::slice::from_ref(&cue), &mut as_srt).unwrap();
        vtt::write(std::slice::from_ref(&cue), &mut as_vtt).unwrap();
        let read = strict::srt(&String::from_utf8(as_srt).unwrap()).unwrap();
        assert_eq!(read[0].lines, ["a → b ‹i› & (\\an8)", "‹v Ana›&amp;"]);
        let read = strict::vtt(&String::from_utf8(as_vtt).unwrap()).unwrap();
        assert_eq!(read[0].lines, cue.lines);
    }
}
