//! How is a DOC read (MS-DOC)?

mod header;
mod lists;
mod pieces;
mod properties;
mod reader;
mod sprms;
mod styles;

use std::path::Path;

use super::super::super::error::ReadError;
use super::super::super::model::Metadata;
use super::super::compound::Compound;
use super::super::output::Output;
use super::super::properties as summary;
use header::Header;

/// Reads the document at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let mut compound = Compound::open(path, output.limits)?;
    let main = compound.stream("WordDocument")?;
    let main = main.ok_or_else(|| ReadError::malformed("the file has no text of Word in it"))?;
    let header = Header::of(&main)?;
    let table = compound.stream(header.table)?;
    let table = table.ok_or_else(|| ReadError::malformed("the file has no table of its parts"))?;
    let mut metadata = summary::metadata(&mut compound);
    metadata.pages = Some(reader::read(&main, &table, &header, output)?);
    Ok(metadata)
}

#[cfg(test)]
mod tests;
