//! Which characters does a DOC have, and where do they lie (MS-DOC, 2.4.1: retrieving text)?

use super::super::super::compound::{Bytes, code_page};

/// A run of characters that lie side by side.
#[derive(Debug)]
struct Piece {
    /// The first character, and the one after the last.
    from: usize,
    to: usize,
    /// Where the first one lies.
    place: usize,
    is_wide: bool,
}

/// The text of a document in its pieces.
#[derive(Debug, Default)]
pub struct Pieces {
    all: Vec<Piece>,
}

impl Pieces {
    /// Of the table of pieces; runs of properties before it are passed over.
    pub fn of(table: &[u8]) -> Option<Self> {
        let mut at = 0;
        while table.u8_at(at)? == 1 {
            at += 3 + usize::from(table.u16_at(at + 1)?);
        }
        let length = table.u32_at(at + 1)? as usize;
        let list = table.get(at + 5..)?;
        let list = list.get(..length.min(list.len()))?;
        let count = list.len().checked_sub(4)? / 12;
        let descriptors = list.get((count + 1) * 4..)?;
        let piece = |place: usize| {
            let address = descriptors.u32_at(place * 8 + 2)?;
            let is_wide = address & 0x4000_0000 == 0;
            let address = (address & 0x3fff_ffff) as usize;
            let (from, to) = (list.u32_at(place * 4)? as usize, list.u32_at(place * 4 + 4)? as usize);
            let place = if is_wide { address } else { address / 2 };
            (from < to).then_some(Piece { from, to, place, is_wide })
        };
        let mut all: Vec<Piece> = (0..count).filter_map(piece).collect();
        all.sort_by_key(|piece| piece.from);
        Some(Self { all })
    }

    /// The characters from `from` to `to`, each with its place, as long as `each` wants more.
    pub fn walk(&self, main: &[u8], from: usize, to: usize, mut each: impl FnMut(char, usize) -> bool) {
        let narrow = code_page(1252);
        // Pieces never share characters; hostile ones that do are read once.
        let mut next = from;
        for piece in &self.all {
            let (start, end) = (piece.from.max(next), piece.to.min(to));
            if start >= end {
                continue;
            }
            next = end;
            let width = if piece.is_wide { 2 } else { 1 };
            let mut high = None;
            for character in start..end {
                let place = piece.place.saturating_add((character - piece.from).saturating_mul(width));
                let shown = if piece.is_wide {
                    let Some(unit) = main.u16_at(place) else { return };
                    if (0xd800..0xdc00).contains(&unit) {
                        high = Some(unit);
                        continue;
                    }
                    let units = high.take().into_iter().chain([unit]);
                    char::decode_utf16(units).filter_map(Result::ok).next()
                } else {
                    let Some(byte) = main.u8_at(place) else { return };
                    // The marks of Word are below a space, in every encoding.
                    let decoded =
                        narrow.decode_without_bom_handling(std::slice::from_ref(&byte)).0.chars().next();
                    if byte < 0x80 { Some(char::from(byte)) } else { decoded }
                };
                if let Some(shown) = shown
                    && !each(shown, place)
                {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_narrow_or_wide() {
        let main = b"ab\xe7\0\0\x61\x00\x3d\xd8\x00\xde";
        let mut table = vec![2, 28, 0, 0, 0];
        for number in [0_u32, 3, 6] {
            table.extend(number.to_le_bytes());
        }
        for address in [0x4000_0000_u32, 5] {
            table.extend([0, 0]);
            table.extend(address.to_le_bytes());
            table.extend([0, 0]);
        }
        let pieces = Pieces::of(&table).unwrap();
        let mut text = String::new();
        pieces.walk(main, 0, 100, |it, _| {
            text.push(it);
            true
        });
        assert_eq!(text, "abça😀");
    }
}
