//! What are the records of an XLS, and the texts in them?

use encoding_rs::Encoding;

use super::super::super::compound::{Bytes, utf16};

/// Records that continue the one before.
pub const CONTINUE: u16 = 0x3c;

/// A record with those that continue it.
#[derive(Debug)]
pub struct Record<'a> {
    pub kind: u16,
    /// Its data, piece by piece.
    pub pieces: Vec<&'a [u8]>,
}

impl<'a> Record<'a> {
    /// The data of the record itself.
    pub fn data(&self) -> &'a [u8] {
        self.pieces.first().copied().unwrap_or_default()
    }
}

/// The records of a stream, in order.
pub fn records(stream: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut at = 0;
    let one = move |at: &mut usize| {
        let kind = stream.u16_at(*at)?;
        let length = usize::from(stream.u16_at(*at + 2)?);
        let data = stream.cut(*at + 4, length)?;
        *at += 4 + length;
        Some((kind, data))
    };
    std::iter::from_fn(move || {
        let (kind, data) = one(&mut at)?;
        let mut pieces = vec![data];
        while stream.u16_at(at) == Some(CONTINUE) {
            let Some((_, data)) = one(&mut at) else { break };
            pieces.push(data);
        }
        Some(Record { kind, pieces })
    })
}

/// Reads on from piece to piece.
pub struct Pieces<'a> {
    pieces: &'a [&'a [u8]],
    at: usize,
}

impl<'a> Pieces<'a> {
    pub fn new(pieces: &'a [&'a [u8]], at: usize) -> Self {
        Self { pieces, at }
    }

    fn settle(&mut self) {
        while let Some(first) = self.pieces.first().filter(|it| self.at >= it.len()) {
            self.at -= first.len();
            self.pieces = self.pieces.get(1..).unwrap_or_default();
            if self.pieces.is_empty() {
                break;
            }
        }
    }

    fn byte(&mut self) -> Option<u8> {
        self.settle();
        let byte = self.pieces.first()?.u8_at(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self, bytes: u32) -> Option<u32> {
        (0..bytes).try_fold(0, |sum, place| Some(sum | u32::from(self.byte()?) << (8 * place)))
    }

    fn pass(&mut self, mut bytes: usize) -> Option<()> {
        while bytes > 0 {
            self.settle();
            let left = self.pieces.first()?.len().saturating_sub(self.at).min(bytes);
            if left == 0 {
                return None;
            }
            self.at += left;
            bytes -= left;
        }
        Some(())
    }

    /// A text with its length, its flags and what they announce (XLUnicodeRichExtendedString).
    pub fn rich_text(&mut self) -> Option<String> {
        let length = self.number(2)? as usize;
        let flags = self.byte()?;
        let runs = if flags & 8 != 0 { self.number(2)? as usize } else { 0 };
        let extension = if flags & 4 != 0 { self.number(4)? as usize } else { 0 };
        let text = self.characters(length, flags & 1 != 0)?;
        self.pass(runs * 4)?;
        self.pass(extension)?;
        Some(text)
    }

    /// So many characters; where a piece ends among them, the next one says anew how wide they are.
    pub fn characters(&mut self, mut length: usize, mut is_wide: bool) -> Option<String> {
        let mut text = String::new();
        while length > 0 {
            if self.pieces.first().is_some_and(|it| self.at >= it.len()) {
                self.settle();
                is_wide = self.byte()? & 1 != 0;
            }
            let piece = self.pieces.first()?.get(self.at..)?;
            let width = if is_wide { 2 } else { 1 };
            let count = (piece.len() / width).min(length);
            if count == 0 {
                return None;
            }
            let bytes = piece.get(..count * width)?;
            if is_wide {
                text.push_str(&utf16(bytes));
            } else {
                text.extend(bytes.iter().map(|byte| char::from(*byte)));
            }
            self.at += count * width;
            length -= count;
        }
        Some(text)
    }
}

/// A short text whose length is told by `width` bytes at `at`; in the older version its bytes are those of a code page.
pub fn short_text(data: &[u8], at: usize, width: usize, old: Option<&'static Encoding>) -> Option<String> {
    let length = if width == 1 { usize::from(data.u8_at(at)?) } else { usize::from(data.u16_at(at)?) };
    let at = at + width;
    if let Some(encoding) = old {
        let bytes = data.get(at..)?;
        let bytes = bytes.get(..length.min(bytes.len()))?;
        return Some(encoding.decode_without_bom_handling(bytes).0.into_owned());
    }
    let is_wide = data.u8_at(at)? & 1 != 0;
    let pieces = [data];
    Pieces::new(&pieces, at + 1).characters(length, is_wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_on_in_the_next_piece_with_a_width_of_its_own() {
        let first: &[u8] = &[4, 0, 0, b'a', b'b'];
        let second: &[u8] = &[1, 0xe7, 0, 0xe3, 0];
        let pieces = [first, second];
        let mut reader = Pieces::new(&pieces, 0);
        assert_eq!(reader.rich_text().as_deref(), Some("abçã"));
        assert_eq!(reader.byte(), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_do_harm(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            for record in records(&bytes) {
                let _ = Pieces::new(&record.pieces, 0).rich_text();
            }
        }
    }
}
