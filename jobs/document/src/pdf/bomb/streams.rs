//! Where do the streams of a PDF lie, whatever its tables say of them, and what are they said to be?

use memchr::{memchr2, memmem};

/// The word that a stream begins behind.
pub const WORD: &[u8] = b"stream";
/// How far before its bytes the dictionary of a stream is looked for.
const DICTIONARY: usize = 64 << 10;

/// Streams in the order in which they lie in the file. What was looked for is kept, so that no part of the file is searched twice.
pub struct Streams<'a> {
    bytes: &'a [u8],
    /// Where the bytes of the last stream begin.
    start: usize,
    /// Where the last `obj` before it lies, and up to where that was looked for.
    object: usize,
    searched: usize,
}

/// A stream as it lies in the file.
pub struct Stream<'a> {
    /// Where its bytes begin.
    pub start: usize,
    /// Its bytes, and all that follows: what is packed tells where it ends, and `endstream` may stand in it too.
    pub bytes: &'a [u8],
}

impl<'a> Streams<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, start: 0, object: 0, searched: 0 }
    }

    /// The stream that begins behind the word at `at`: on the next line, as PDFium has it, even if there is more on this one.
    pub fn begun_at(&mut self, at: usize) -> Option<Stream<'a>> {
        if at < self.start || self.bytes.get(..at)?.ends_with(b"end") {
            return None;
        }
        let behind = at + WORD.len();
        let rest = self.bytes.get(behind..)?;
        let Some(line) = memchr2(b'\r', b'\n', rest) else {
            self.start = self.bytes.len();
            return None;
        };
        let line_end = if rest.get(line..)?.starts_with(b"\r\n") { 2 } else { 1 };
        self.start = behind + line + line_end;
        Some(Stream { start: self.start, bytes: self.bytes.get(self.start..)? })
    }

    /// What stands before the stream in its own object.
    pub fn dictionary(&mut self, stream: &Stream<'a>) -> &'a [u8] {
        let fresh = self.bytes.get(self.searched..stream.start).unwrap_or_default();
        if let Some(found) = memmem::rfind(fresh, b"obj") {
            self.object = self.searched + found;
        }
        self.searched = stream.start;
        let from = self.object.max(stream.start.saturating_sub(DICTIONARY));
        self.bytes.get(from..stream.start).unwrap_or_default()
    }
}

/// Whether a dictionary says `value` of `key`, with any white space between them or none (ISO 32000-1, 7.2.2).
pub fn says(dictionary: &[u8], key: &[u8], value: &[u8]) -> bool {
    let is_space = |byte: &u8| matches!(byte, 0 | b'\t' | b'\n' | 0xc | b'\r' | b' ');
    let is_end = |byte: &u8| is_space(byte) || b"()<>[]{}/%".contains(byte);
    memmem::find_iter(dictionary, key).any(|at| {
        let behind = dictionary.get(at + key.len()..).unwrap_or_default();
        let spaces = behind.iter().take_while(|byte| is_space(byte)).count();
        let said = behind.get(spaces..).and_then(|said| said.strip_prefix(value));
        said.is_some_and(|rest| rest.first().is_none_or(is_end))
    })
}
