//! Does something in a PDF unpack to more than is allowed? PDFium holds a stream unpacked, however large it is, and dies where it
//! cannot: what 3 KB hold in two layers takes gigabytes.

use std::io::{BufRead, BufReader};

use flate2::bufread::ZlibDecoder;

use crate::error::ReadError;
use crate::limits::DocumentLimits;

/// How many times its size a packed stream has at most (RFC 1951: 258 bytes by two bits).
const LARGEST_RATIO: u64 = 1_032;
/// Layers of packing that are looked through.
const MOST_LAYERS: u32 = 8;
/// How far before its bytes the dictionary of a stream is looked at.
const DICTIONARY: usize = 512;

/// # Errors
/// `document_too_large` when a stream, or all that were looked at, are larger than the limits of an archive allow.
pub fn refuse_bombs(bytes: &[u8], limits: &DocumentLimits) -> Result<(), ReadError> {
    let (mut packed_sum, mut sum) = (0_u64, 0_u64);
    for stream in streams(bytes) {
        let packed = stream.packed.len() as u64;
        let Some(mut content) = layers(stream.packed) else { continue };
        // Pictures are unpacked line by line, and what is small cannot become large in one layer.
        let harmless = stream.is_picture || packed.saturating_mul(LARGEST_RATIO) <= limits.archive_part_bytes;
        if content.layers == 1 && harmless {
            continue;
        }
        let unpacked = content.length(limits.archive_part_bytes.saturating_add(1));
        if unpacked > limits.archive_part_bytes {
            let message =
                format!("a stream of the PDF has more than {} bytes, unpacked", limits.archive_part_bytes);
            return Err(ReadError::too_large(message));
        }
        (packed_sum, sum) = (packed_sum + packed, sum + unpacked);
        if sum > limits.archive_bytes {
            if sum / u64::from(limits.archive_ratio.max(1)) > packed_sum {
                return Err(ReadError::too_large("the streams of the PDF are too large, unpacked"));
            }
            // A large document that is packed as documents are.
            return Ok(());
        }
    }
    Ok(())
}

/// A stream as it lies in the file.
struct Stream<'a> {
    packed: &'a [u8],
    is_picture: bool,
}

fn streams(bytes: &[u8]) -> impl Iterator<Item = Stream<'_>> {
    let mut end = 0;
    memchr::memmem::find_iter(bytes, b"stream").filter_map(move |at| {
        let before = bytes.get(at.saturating_sub(DICTIONARY)..at).unwrap_or_default();
        if before.ends_with(b"end") {
            return None;
        }
        let start = at + b"stream".len();
        let start =
            start + bytes.get(start..)?.iter().take(2).take_while(|byte| b"\r\n".contains(byte)).count();
        if end < start {
            let found = memchr::memmem::find(bytes.get(start..)?, b"endstream");
            end = found.map_or(bytes.len(), |length| start + length);
        }
        let own =
            memchr::memmem::rfind(before, b"obj").and_then(|object| before.get(object..)).unwrap_or(before);
        let is_picture = memchr::memmem::find(own, b"/Image").is_some();
        Some(Stream { packed: bytes.get(start..end)?, is_picture })
    })
}

/// What lies in all layers of a stream.
struct Content<'a> {
    reader: Box<dyn BufRead + 'a>,
    layers: u32,
}

/// Opens the layers of a stream; none if it is not packed. Its filters may be written in many ways: its bytes tell.
fn layers(packed: &[u8]) -> Option<Content<'_>> {
    if !is_packed(packed) {
        return None;
    }
    let mut reader: Box<dyn BufRead + '_> = Box::new(BufReader::new(ZlibDecoder::new(packed)));
    let mut layers = 1;
    while layers < MOST_LAYERS && reader.fill_buf().is_ok_and(is_packed) {
        reader = Box::new(BufReader::new(ZlibDecoder::new(reader)));
        layers += 1;
    }
    Some(Content { reader, layers })
}

/// Whether bytes begin as packed ones do (RFC 1950, 2.2).
fn is_packed(bytes: &[u8]) -> bool {
    let Some([first, second]) = bytes.first_chunk::<2>() else { return false };
    first & 0x0f == 8 && first >> 4 <= 7 && u16::from_be_bytes([*first, *second]) % 31 == 0
}

impl Content<'_> {
    /// How long it is, counted up to about `most`; what is broken ends where it breaks.
    fn length(&mut self, most: u64) -> u64 {
        let mut length = 0;
        while length < most {
            let here = self.reader.fill_buf().map_or(0, <[u8]>::len);
            if here == 0 {
                break;
            }
            self.reader.consume(here);
            length += here as u64;
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::super::writer::open_with;
    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn document(dictionary: &str, stream: &[u8]) -> Vec<u8> {
        let before = format!("%PDF-1.7\n1 0 obj\n<< {dictionary} >>\nstream\r\n");
        [before.as_bytes(), stream, b"\nendstream\nendobj\n"].concat()
    }

    fn limits() -> DocumentLimits {
        DocumentLimits { archive_part_bytes: 1 << 20, archive_bytes: 3 << 20, ..DocumentLimits::default() }
    }

    #[test]
    fn a_stream_in_two_layers_is_refused_before_it_is_opened() {
        let bomb = document("/Filter [/FlateDecode /Fl]", &packed(&packed(&vec![0; 2 << 20])));
        assert!(bomb.len() < 1_000);
        assert_eq!(refuse_bombs(&bomb, &limits()).unwrap_err().code, "document_too_large");
        assert_eq!(open_with(&bomb, None, &limits()).unwrap_err().code, "document_too_large");
        assert!(refuse_bombs(&document("", &packed(&packed(&vec![0; 1 << 19]))), &limits()).is_ok());
    }

    #[test]
    fn a_stream_that_is_too_large_in_one_layer_is_refused_unless_it_is_a_picture() {
        let stream = packed(&vec![0; 2 << 20]);
        assert!(refuse_bombs(&document("/Filter /FlateDecode", &stream), &limits()).is_err());
        assert!(refuse_bombs(&document("/Subtype /Image", &stream), &limits()).is_ok());
        assert!(refuse_bombs(&document("", b"endstream stream stream\nx"), &limits()).is_ok());
    }

    #[test]
    fn many_streams_are_refused_together() {
        let one = document("", &packed(&packed(&vec![0; 900 << 10])));
        assert!(refuse_bombs(&one.repeat(3), &limits()).is_ok());
        assert!(refuse_bombs(&one.repeat(4), &limits()).is_err());
    }
}
