//! How is an RTF read?

mod reader;
pub mod rows;
mod state;
mod tokens;
mod words;

use std::io::Read;
use std::path::Path;

use super::super::error::ReadError;
use super::super::model::Metadata;
use super::output::Output;
use super::story::Story;
use reader::Reader;
use tokens::Tokens;

/// Reads the document at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let file = std::fs::File::open(path).map_err(ReadError::disk)?;
    let mut bytes = Vec::new();
    file.take(output.limits.bytes)
        .read_to_end(&mut bytes)
        .map_err(|error| ReadError::malformed(error.to_string()))?;
    let start = bytes.iter().position(|byte| *byte == b'{').unwrap_or_default();
    let text = bytes.get(start..).unwrap_or_default();
    if !text.starts_with(b"{\\rtf") {
        return Err(ReadError::malformed("the document does not begin as RTF does"));
    }
    let mut reader = Reader::new(Story::new(output));
    for token in Tokens::new(text) {
        reader.token(token)?;
        if reader.is_done() {
            break;
        }
    }
    reader.finish()
}

#[cfg(test)]
mod tests;
