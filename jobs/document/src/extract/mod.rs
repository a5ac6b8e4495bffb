//! How does a job go from its source to its artifacts?
//!
//! [`desk`] takes the pages of every reader and hands them to [`outputs`]; [`parts`] are the documents inside it; [`paper`] reads what has pages of paper, PDFs and
//! pictures, with their text recognition; [`outcome`] is what the job says at its end.

mod counted;
mod desk;
mod numbers;
mod outcome;
mod outputs;
mod paper;
mod parts;
mod scan;
mod sheets;
mod warnings;

use std::fs::{self, File};
use std::io;
use std::path::Path;

use esteira_engine::child::WorkDir;
use esteira_engine::job::KindError;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::ReadError;
use super::flow;
use super::format::{Format, Room};
use super::input::Input;
use super::limits::DocumentLimits;
use super::model::Metadata;
use super::office;
use super::sink::PageSink;
use super::write::Source;
use desk::Desk;
pub use outcome::output_schema;
use outputs::Outputs;
use parts::Part;

/// The version of what is kept of pages that were read from their pictures: another one when `scan::Kept` is.
pub const CHECKPOINTS: &str = "1";

/// Does the whole job.
pub fn extract(input: &Input, limits: &DocumentLimits, work: &mut WorkDir) -> Result<Value, KindError> {
    let path = work.file(&input.source)?;
    let bytes = fs::metadata(&path).map_err(storage)?.len();
    if bytes > limits.bytes {
        let message = format!("the document has {bytes} bytes; {} are allowed", limits.bytes);
        return Err(KindError::fail("document_too_large", message));
    }
    work.progress(0.0, "reading", "")?;
    let format = flow::detect(&path, work.file_name(&input.source)).map_err(refused)?;
    let source =
        Source { media_type: format.media_type().to_owned(), sha256: sha256(&path).map_err(storage)?, bytes };
    let outputs = Outputs::open(input, &source, work)?;
    let mut desk = Desk::new(input, limits, work, outputs, source);
    let metadata = read(&mut desk, format, &path);
    desk.stopped()?;
    let metadata = match metadata {
        Ok(metadata) => metadata,
        // What was read before it broke is worth having.
        Err(error) if desk.has_pages() => {
            desk.warn(error.into());
            Metadata::default()
        }
        Err(error) => return Err(refused(error)),
    };
    while let Some(part) = desk.next_part() {
        read_part(&mut desk, &part)?;
    }
    desk.finish(metadata)
}

/// Reads a document by the room of its format.
fn read(desk: &mut Desk<'_>, format: Format, path: &Path) -> Result<Metadata, ReadError> {
    let limits = desk.limits();
    match format.room() {
        Room::Pdf => paper::pdf(desk, path),
        Room::Picture => paper::pictures(desk, path),
        Room::Office => office::read(format, path, limits, desk),
        Room::Flow => flow::read(format, &fs::read(path).map_err(ReadError::disk)?, limits, desk),
    }
}

/// Reads a document that lies in another one. What cannot be read of it is a warning: the others are worth having.
fn read_part(desk: &mut Desk<'_>, part: &Part) -> Result<(), KindError> {
    let path = part.path.clone();
    let read = flow::detect(&path, Some(&part.name)).and_then(|format| read(desk, format, &path));
    if let Err(error) = read {
        desk.stopped()?;
        desk.warn(error.into());
    }
    desk.stopped()?;
    fs::remove_file(&path).map_err(storage)
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(hex::encode(hash.finalize()))
}

fn refused(error: ReadError) -> KindError {
    if error.is_of_the_disk() {
        return KindError::retry(error.code, error.message);
    }
    KindError::fail(error.code, error.message)
}

#[expect(clippy::needless_pass_by_value, reason = "it is mapped over results")]
fn storage(error: io::Error) -> KindError {
    KindError::retry("storage_failed", format!("the work directory: {error}"))
}
