//! In which format is this file? Its content tells; its name decides only between texts that content cannot tell apart.

mod archive;
mod compound;
mod text;
mod words;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::super::error::ReadError;
use super::super::format::Format;

/// So much of a file is looked at, beside the list of an archive and the streams of a compound file.
const LOOKED_AT: usize = 64 << 10;
/// How far the mark of a PDF may lie behind the beginning of the file; readers of PDF look no further.
const PDF_WITHIN: usize = 1024;

/// Tells the format of the file at `path`, which its sender calls `declared_name`.
///
/// # Errors
/// `empty_document` for no bytes, `unsupported_document` for a format that is not read; both for good.
pub fn detect(path: &Path, declared_name: Option<&str>) -> Result<Format, ReadError> {
    let mut file = File::open(path).map_err(ReadError::disk)?;
    let mut head = Vec::new();
    file.by_ref().take(LOOKED_AT as u64).read_to_end(&mut head).map_err(ReadError::disk)?;
    file.seek(SeekFrom::Start(0)).map_err(ReadError::disk)?;
    detect_in(&head, file, declared_name)
}

fn detect_in<R: Read + Seek>(head: &[u8], file: R, name: Option<&str>) -> Result<Format, ReadError> {
    if head.is_empty() {
        return Err(ReadError::new("empty_document", "the document has no bytes"));
    }
    if let Some(format) = by_mark(head) {
        return Ok(format);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") || head.starts_with(b"PK\x07\x08") {
        return archive::detect(head, file);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return compound::detect(head, file);
    }
    if let Some(format) = text::detect(head, name) {
        return Ok(format);
    }
    if memchr::memmem::find(head.get(..PDF_WITHIN).unwrap_or(head), b"%PDF-").is_some() {
        return Ok(Format::Pdf);
    }
    Err(unsupported(&words::of(head)))
}

/// The formats that a mark at the beginning tells for sure.
fn by_mark(head: &[u8]) -> Option<Format> {
    let starts = |mark: &[u8]| head.starts_with(mark);
    if starts(b"%PDF-") {
        return Some(Format::Pdf);
    }
    if starts(b"\x89PNG\r\n\x1a\n") {
        return Some(Format::Png);
    }
    if starts(b"\xff\xd8\xff") {
        return Some(Format::Jpeg);
    }
    if starts(b"GIF87a") || starts(b"GIF89a") {
        return Some(Format::Gif);
    }
    // The number after the order of bytes: 42, or 43 for large ones.
    if starts(b"II*\0") || starts(b"MM\0*") || starts(b"II+\0") || starts(b"MM\0+") {
        return Some(Format::Tiff);
    }
    if starts(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some(Format::Webp);
    }
    if starts(b"BM") && is_bitmap(head) {
        return Some(Format::Bmp);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    text.trim_ascii_start().starts_with(b"{\\rtf").then_some(Format::Rtf)
}

/// `BM` begins texts too; the size of the second header tells, of which there are seven.
fn is_bitmap(head: &[u8]) -> bool {
    let size = head.get(14..18).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    matches!(size, Some(12 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// The refusal of a document that is `what`, in words.
fn unsupported(what: &str) -> ReadError {
    ReadError::new("unsupported_document", format!("the document is {what}, which cannot be read"))
}

#[cfg(test)]
mod tests;
