//! Where are the parts of a DOC (MS-DOC, 2.5: the file information block)?

use super::super::super::super::error::ReadError;
use super::super::super::compound::Bytes;

/// The first bytes of the stream.
const MAGIC: u16 = 0xa5ec;
/// The first version whose text lies in pieces as it does today: Word 97.
const WORD_97: u16 = 0x00c1;

/// The header of a document.
#[derive(Debug)]
pub struct Header {
    /// The name of the stream with the tables.
    pub table: &'static str,
    /// How many characters each part of the text has.
    pub lengths: Lengths,
    /// Place and length of each table.
    tables: Vec<(usize, usize)>,
}

/// The parts of the text, in their order.
#[derive(Debug, Default, Clone, Copy)]
pub struct Lengths {
    pub text: usize,
    pub footnotes: usize,
    pub headers: usize,
    pub macros: usize,
    pub comments: usize,
    pub endnotes: usize,
    pub boxes: usize,
}

/// The tables that are read, by their numbers.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    Styles = 1,
    Headers = 11,
    CharacterPages = 12,
    ParagraphPages = 13,
    Pieces = 33,
    Lists = 73,
    ListUses = 74,
}

impl Header {
    /// Of the main stream.
    pub fn of(main: &[u8]) -> Result<Self, ReadError> {
        let broken = || ReadError::malformed("the header of the document is broken");
        if main.u16_at(0) != Some(MAGIC) {
            return Err(ReadError::malformed("the document does not begin as one of Word does"));
        }
        if main.u16_at(2).is_none_or(|version| version < WORD_97) {
            return Err(ReadError::malformed("the document is older than Word 97"));
        }
        let flags = main.u16_at(10).ok_or_else(broken)?;
        if flags & 0x0100 != 0 {
            return Err(ReadError::locked("the document is encrypted"));
        }
        let shorts = usize::from(main.u16_at(32).ok_or_else(broken)?);
        let longs_at = 34 + shorts * 2;
        let longs = usize::from(main.u16_at(longs_at).ok_or_else(broken)?);
        let length = |place: usize| main.u32_at(longs_at + 2 + place * 4).unwrap_or_default() as usize;
        let tables_at = longs_at + 2 + longs * 4;
        let count = usize::from(main.u16_at(tables_at).ok_or_else(broken)?);
        let tables = (0..count).map_while(|place| {
            let at = tables_at + 2 + place * 8;
            Some((main.u32_at(at)? as usize, main.u32_at(at + 4)? as usize))
        });
        Ok(Self {
            table: if flags & 0x0200 != 0 { "1Table" } else { "0Table" },
            lengths: Lengths {
                text: length(3),
                footnotes: length(4),
                headers: length(5),
                macros: length(6),
                comments: length(7),
                endnotes: length(8),
                boxes: length(9),
            },
            tables: tables.collect(),
        })
    }

    /// The bytes of a table.
    pub fn part<'t>(&self, part: Part, table: &'t [u8]) -> &'t [u8] {
        let place = self.tables.get(part as usize);
        place.and_then(|(at, length)| table.cut(*at, *length)).unwrap_or_default()
    }

    /// The bytes from where a table begins.
    pub fn from<'t>(&self, part: Part, table: &'t [u8]) -> &'t [u8] {
        let place = self.tables.get(part as usize).filter(|(_, length)| *length > 0);
        place.and_then(|(at, _)| table.get(*at..)).unwrap_or_default()
    }
}
