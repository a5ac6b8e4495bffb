//! Does something in a PDF unpack to more than is allowed? PDFium holds a stream unpacked, however large it is, and dies where it
//! cannot: what 3 KB hold in two layers takes gigabytes.
//!
//! This is a first look, which refuses the plain cases in words. It knows no objects, opens nothing that is encrypted (an empty
//! password too) or packed by LZW or in runs, and believes a stream that says it is a picture. What holds against all others is
//! the limit of memory of the process that reads the document (docs/sandbox.md).

mod ascii;
mod layers;
mod streams;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::clock::Clock;
use crate::error::ReadError;
use crate::limits::DocumentLimits;
use layers::{Layers, packed};
use streams::{Stream, Streams, WORD};

/// Layers of packing that a stream may have.
const MOST_LAYERS: u32 = 8;
/// Packed streams that a PDF may have: ten times those of a book of 10,000 pages.
const MOST_STREAMS: u32 = 1_000_000;

/// # Errors
/// `document_too_large` when a stream, or all that were looked at, are larger than the limits of an archive allow, or looking
/// at them takes too long.
pub fn refuse_bombs(bytes: &[u8], limits: &DocumentLimits) -> Result<(), ReadError> {
    let clock = Clock::new(limits);
    let mut look = Look::new(limits);
    let mut streams = Streams::new(bytes);
    for at in memchr::memmem::find_iter(bytes, WORD) {
        if clock.is_over() {
            return Err(ReadError::too_large(
                "the time for a document was over before the PDF was looked through",
            ));
        }
        let Some(stream) = streams.begun_at(at) else { continue };
        let Some(packed) = packed(stream.bytes, look.part_bytes) else { continue };
        look.stream(&mut streams, &stream, &packed)?;
        // That may have taken long.
        clock.is_late();
    }
    Ok(())
}

/// What was seen of the streams so far.
struct Look<'l> {
    limits: &'l DocumentLimits,
    part_bytes: usize,
    layers: Layers,
    streams: u32,
    unpacked: u64,
    /// The bytes of the file that were unpacked, each once, and up to where they are counted.
    packed: u64,
    counted_to: usize,
}

impl<'l> Look<'l> {
    fn new(limits: &'l DocumentLimits) -> Self {
        let part_bytes = usize::try_from(limits.archive_part_bytes).unwrap_or(usize::MAX);
        let layers = Layers::default();
        Self { limits, part_bytes, layers, streams: 0, unpacked: 0, packed: 0, counted_to: 0 }
    }

    /// Looks at a stream that begins as packed ones do.
    fn stream<'a>(
        &mut self,
        streams: &mut Streams<'a>,
        stream: &Stream<'a>,
        packed: &[u8],
    ) -> Result<(), ReadError> {
        self.streams += 1;
        if self.streams > MOST_STREAMS {
            return Err(ReadError::too_large(format!("the PDF has more than {MOST_STREAMS} packed streams")));
        }
        if self.layers.are_more(packed) {
            return self.open_all(stream, packed);
        }
        let dictionary = streams.dictionary(stream);
        // Pictures are unpacked line by line.
        if streams::says(dictionary, b"/Subtype", b"/Image") {
            return Ok(());
        }
        let is_attached = streams::says(dictionary, b"/Type", b"/EmbeddedFile");
        let most = if is_attached { self.limits.archive_bytes } else { self.limits.archive_part_bytes };
        let (consumed, length) = self.layers.measure(packed, most);
        self.count(stream.start, consumed, length, most)
    }

    /// Opens one layer after the other: each of them is a whole in memory when PDFium does it.
    fn open_all(&mut self, stream: &Stream<'_>, outermost: &[u8]) -> Result<(), ReadError> {
        let most = self.limits.archive_part_bytes;
        let mut content = Cow::Borrowed(outermost);
        for layer in 0..MOST_LAYERS {
            let (consumed, inner) = self.layers.open(&content, most);
            // Of the inner ones, nothing lies in the file.
            self.count(stream.start, if layer == 0 { consumed } else { 0 }, inner.len() as u64, most)?;
            let read = match packed(&inner, self.part_bytes) {
                Some(Cow::Owned(read)) => Some(read),
                Some(Cow::Borrowed(_)) => None,
                None => return Ok(()),
            };
            content = Cow::Owned(read.unwrap_or(inner));
        }
        Err(ReadError::too_large(format!("a stream of the PDF is packed more than {MOST_LAYERS} times")))
    }

    /// Counts what came out of a stream, or out of a layer of it, and the bytes of the file that it came out of.
    fn count(&mut self, start: usize, consumed: usize, unpacked: u64, most: u64) -> Result<(), ReadError> {
        if unpacked > most {
            return Err(ReadError::too_large(format!(
                "a stream of the PDF has more than {most} bytes, unpacked"
            )));
        }
        let end = start.saturating_add(consumed);
        self.packed += end.saturating_sub(start.max(self.counted_to)) as u64;
        self.counted_to = self.counted_to.max(end);
        self.unpacked = self.unpacked.saturating_add(unpacked);
        let by_ratio = self.packed.saturating_mul(self.limits.archive_ratio.into());
        // A large document that is packed as documents are may be larger.
        if self.unpacked > self.limits.archive_bytes.max(by_ratio) {
            return Err(ReadError::too_large("the streams of the PDF are too large, unpacked"));
        }
        Ok(())
    }
}
