//! What outlives an attempt? Each chunk's lines, under a key that says which chunk it is, and the language.

use esteira_engine::child::WorkDir;
use esteira_engine::job::KindError;
use serde::{Deserialize, Serialize};

use super::chunk::{Chunk, Piece};
use super::whisper::Line;

/// The version of what is kept: another one when [`KeptChunk`] or [`KeptLanguage`] is, or when chunks are cut otherwise.
pub const CHECKPOINTS: &str = "2";

/// The key of the language.
const LANGUAGE: &str = "language";

/// What Whisper wrote of a chunk. Where it was taken from stands beside it: settings may cut another attempt's otherwise.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptChunk {
    model: String,
    language: String,
    pieces: Vec<Piece>,
    lines: Vec<Line>,
}

/// The language that was found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptLanguage {
    /// SHA-256 of the recording in which it is spoken, in hexadecimal.
    pub source: String,
    /// The model that found it.
    pub model: String,
    /// Whisper's code.
    pub code: String,
    /// How sure that is, from 0 to 1.
    pub confidence: f64,
}

/// What an earlier attempt heard in a chunk, if it was the same one.
pub fn lines(
    work: &WorkDir,
    chunk: &Chunk,
    model: &str,
    language: &str,
) -> Result<Option<Vec<Line>>, KindError> {
    let Some(bytes) = work.checkpoint(&key(chunk.number))? else { return Ok(None) };
    let kept = serde_json::from_slice::<KeptChunk>(&bytes).ok();
    let kept =
        kept.filter(|kept| kept.model == model && kept.language == language && kept.pieces == chunk.pieces);
    Ok(kept.map(|kept| kept.lines))
}

/// Keeps what was heard in a chunk.
pub fn keep_lines(
    work: &mut WorkDir,
    number: usize,
    pieces: &[Piece],
    (model, language): (&str, &str),
    lines: &[Line],
) -> Result<(), KindError> {
    let kept = KeptChunk {
        model: model.to_owned(),
        language: language.to_owned(),
        pieces: pieces.to_vec(),
        lines: lines.to_vec(),
    };
    keep(work, &key(number), &kept)
}

/// The language that an earlier attempt found.
pub fn language(work: &WorkDir, model: &str, source: &str) -> Result<Option<KeptLanguage>, KindError> {
    let kept =
        work.checkpoint(LANGUAGE)?.and_then(|bytes| serde_json::from_slice::<KeptLanguage>(&bytes).ok());
    Ok(kept.filter(|kept| kept.model == model && kept.source == source))
}

/// Keeps the language.
pub fn keep_language(work: &mut WorkDir, language: &KeptLanguage) -> Result<(), KindError> {
    keep(work, LANGUAGE, language)
}

fn keep(work: &mut WorkDir, key: &str, kept: &impl Serialize) -> Result<(), KindError> {
    let bytes = serde_json::to_vec(kept).map_err(|error| {
        KindError::retry("storage_failed", format!("a checkpoint cannot be written: {error}"))
    })?;
    work.keep_checkpoint(key, &bytes)
}

fn key(number: usize) -> String {
    format!("chunk-{number}")
}
