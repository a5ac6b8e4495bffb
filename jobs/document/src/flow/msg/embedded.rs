//! How does a message within a message become a file of its own? Its storage becomes the root of a new compound file.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use super::properties::{Compound, stream};

/// Storages and streams of a message within a message.
const MAX_ENTRIES: usize = 10_000;
/// The header of the fixed properties within another message, and at the top: 8 bytes of zeros more.
const INNER_HEADER: usize = 24;

/// The message in the storage `path`, as a file of at most `most` bytes.
pub fn file_of(file: &mut Compound<'_>, path: &Path, most: u64) -> Option<Vec<u8>> {
    let entries: Vec<(PathBuf, bool)> = file
        .walk_storage(path)
        .ok()?
        .skip(1)
        .take(MAX_ENTRIES)
        .map(|entry| (entry.path().to_owned(), entry.is_stream()))
        .collect();
    let mut copy = cfb::CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    let mut left = most;
    for (from, is_stream) in entries {
        let to = Path::new("/").join(from.strip_prefix(path).ok()?);
        if !is_stream {
            copy.create_storage(&to).ok()?;
            continue;
        }
        let mut bytes = stream(file, &from)?;
        if to == Path::new("/__properties_version1.0") && bytes.len() >= INNER_HEADER {
            bytes.splice(INNER_HEADER..INNER_HEADER, [0; 8]);
        }
        left = left.checked_sub(bytes.len() as u64)?;
        copy.create_stream(&to).ok()?.write_all(&bytes).ok()?;
    }
    copy.flush().ok()?;
    Some(copy.into_inner().into_inner())
}
