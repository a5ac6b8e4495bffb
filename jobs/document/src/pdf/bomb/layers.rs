//! What do the layers hold that a stream is packed in?

use std::borrow::Cow;

use flate2::{Decompress, FlushDecompress, Status};

use super::ascii::Letters;

/// Bytes that are unpacked at a time.
const PIECE: usize = 64 << 10;
/// Bytes that show how a layer begins.
const BEGINNING: usize = 1 << 10;

/// What begins as packed bytes do, if need be after they are read from letters: up to `most` of them. The filters of a stream may
/// be written in many ways: its bytes tell.
pub fn packed(bytes: &[u8], most: usize) -> Option<Cow<'_, [u8]>> {
    if is_packed(bytes) {
        return Some(Cow::Borrowed(bytes));
    }
    let letters = [Letters::Hex, Letters::Base85].into_iter().find(|it| is_packed(&it.read(bytes, 2)))?;
    Some(Cow::Owned(letters.read(bytes, most)))
}

/// Whether bytes begin as packed ones do (RFC 1950, 2.2).
fn is_packed(bytes: &[u8]) -> bool {
    let Some([first, second]) = bytes.first_chunk::<2>() else { return false };
    first & 0x0f == 8 && first >> 4 <= 7 && u16::from_be_bytes([*first, *second]) % 31 == 0
}

/// Opens layers; one at a time.
pub struct Layers {
    zlib: Decompress,
    piece: Vec<u8>,
}

impl Default for Layers {
    fn default() -> Self {
        Self { zlib: Decompress::new(true), piece: vec![0; PIECE] }
    }
}

impl Layers {
    /// Whether there is a layer within this one.
    pub fn are_more(&mut self, layer: &[u8]) -> bool {
        let mut beginning = Vec::with_capacity(BEGINNING);
        self.unpack(layer, 1, BEGINNING, |piece| beginning.extend_from_slice(piece));
        packed(&beginning, BEGINNING).is_some()
    }

    /// How much of a layer was read, and how much came out; that up to somewhat more than `most`. What is broken ends where it breaks.
    pub fn measure(&mut self, layer: &[u8], most: u64) -> (usize, u64) {
        self.unpack(layer, most.saturating_add(1), PIECE, |_| {})
    }

    /// How much of a layer was read, and what came out, as `measure` does.
    pub fn open(&mut self, layer: &[u8], most: u64) -> (usize, Vec<u8>) {
        let mut inner = Vec::new();
        let (consumed, _) =
            self.unpack(layer, most.saturating_add(1), PIECE, |piece| inner.extend_from_slice(piece));
        (consumed, inner)
    }

    /// Unpacks until at least `enough` bytes have come, in pieces of `size`.
    fn unpack(
        &mut self,
        layer: &[u8],
        enough: u64,
        size: usize,
        mut take: impl FnMut(&[u8]),
    ) -> (usize, u64) {
        self.zlib.reset(true);
        let (mut consumed, mut length) = (0, 0);
        while length < enough {
            let rest = layer.get(consumed..).unwrap_or_default();
            let Some(room) = self.piece.get_mut(..size) else { break };
            let status = self.zlib.decompress(rest, room, FlushDecompress::None);
            let came = usize::try_from(self.zlib.total_out() - length).unwrap_or_default();
            take(self.piece.get(..came).unwrap_or_default());
            let stands = self.zlib.total_in() == consumed as u64 && came == 0;
            consumed = usize::try_from(self.zlib.total_in()).unwrap_or(usize::MAX);
            length = self.zlib.total_out();
            if stands || !matches!(status, Ok(Status::Ok | Status::BufError)) {
                break;
            }
        }
        (consumed, length)
    }
}
