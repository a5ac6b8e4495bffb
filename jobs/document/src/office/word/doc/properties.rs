//! Which properties have the characters and paragraphs at a place (MS-DOC, 2.4.6)?

use super::super::super::super::script::Script;
use super::super::super::compound::Bytes;
use super::super::super::lines::Look;
use super::sprms::{is_on, sprms};

/// The size of a page of properties.
const PAGE: usize = 512;

/// What a run of characters has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Character {
    pub look: Look,
    pub is_hidden: bool,
    pub is_special: bool,
    /// The character that a symbol shows.
    pub symbol: Option<u16>,
}

/// A cell's layout.
pub type Edges = Vec<(i32, bool, bool)>;

/// What a paragraph has, or a style gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paragraph {
    pub style: u16,
    pub outline: Option<u8>,
    pub list: Option<u16>,
    pub level: Option<u8>,
    pub is_in_table: bool,
    pub ends_row: bool,
    pub nesting: u32,
    pub ends_inner_cell: bool,
    pub ends_inner_row: bool,
    pub breaks_page: bool,
    /// Right edges of the cells of a row, whether they go on from the left, and whether from above.
    pub edges: Edges,
}

impl Paragraph {
    /// Changes it by modifiers.
    pub fn apply(&mut self, bytes: &[u8]) {
        for (code, value) in sprms(bytes) {
            let on = is_on(value);
            match code {
                0x2416 => self.is_in_table = on,
                0x2417 => self.ends_row = on,
                0x6649 => self.nesting = value.u32_at(0).unwrap_or_default(),
                0x244b => self.ends_inner_cell = on,
                0x244c => self.ends_inner_row = on,
                0x2640 => self.outline = value.first().copied(),
                0x260a => self.level = value.first().copied(),
                0x460b => self.list = value.u16_at(0),
                0x2407 => self.breaks_page = on,
                0xd608 => self.edges = edges(value).unwrap_or_default(),
                _ => {}
            }
        }
    }
}

/// The cells of a row (sprmTDefTable): their edges, then what each is.
fn edges(value: &[u8]) -> Option<Edges> {
    let count = usize::from(value.u8_at(2)?);
    let cells = (0..count).map_while(|place| {
        let right = i32::from(value.u16_at(3 + (place + 1) * 2)?.cast_signed());
        let flags = value.u16_at(3 + (count + 1) * 2 + place * 20).unwrap_or_default();
        let goes_on_from_left = flags & 2 != 0;
        let goes_on_from_above = flags & 0x20 != 0 && flags & 0x40 == 0;
        Some((right, goes_on_from_left, goes_on_from_above))
    });
    Some(cells.collect())
}

/// Ranges of places with their modifiers.
#[derive(Debug)]
pub struct Ranges<'m> {
    /// From, to, and the bytes of what holds there.
    all: Vec<(usize, usize, &'m [u8])>,
}

impl<'m> Ranges<'m> {
    /// Of the list of pages `list`; `of_paragraphs` tells how a page is laid out.
    pub fn of(list: &[u8], main: &'m [u8], of_paragraphs: bool) -> Self {
        let count = list.len().saturating_sub(4) / 8;
        let mut seen = std::collections::HashSet::new();
        let mut all = Vec::new();
        for place in 0..count {
            let Some(number) = list.u32_at((count + 1) * 4 + place * 4) else { break };
            let number = (number & 0x003f_ffff) as usize;
            if seen.insert(number)
                && let Some(page) = main.cut(number * PAGE, PAGE)
            {
                add_page(page, of_paragraphs, &mut all);
            }
        }
        all.sort_by_key(|(from, _, _)| *from);
        Self { all }
    }

    /// What holds at `place`.
    pub fn at(&self, place: usize) -> Option<&'m [u8]> {
        let after = self.all.partition_point(|(from, _, _)| *from <= place);
        let (_, to, bytes) = self.all.get(after.checked_sub(1)?)?;
        (place < *to).then_some(*bytes)
    }
}

/// Adds the ranges of a page: their places first, what holds there from the end on.
fn add_page<'m>(page: &'m [u8], of_paragraphs: bool, all: &mut Vec<(usize, usize, &'m [u8])>) {
    let count = usize::from(page.u8_at(PAGE - 1).unwrap_or_default());
    let width = if of_paragraphs { 13 } else { 1 };
    for run in 0..count {
        let (Some(from), Some(to)) = (page.u32_at(run * 4), page.u32_at(run * 4 + 4)) else { return };
        let Some(offset) = page.u8_at((count + 1) * 4 + run * width) else { return };
        let at = usize::from(offset) * 2;
        let bytes = match (offset, of_paragraphs) {
            (0, _) => Some(&[][..]),
            (_, true) => match page.u8_at(at) {
                Some(0) => page.u8_at(at + 1).and_then(|half| page.cut(at + 2, usize::from(half) * 2)),
                Some(half) => page.cut(at + 1, usize::from(half) * 2 - 1),
                None => None,
            },
            (_, false) => page.u8_at(at).and_then(|length| page.cut(at + 1, usize::from(length))),
        };
        if let Some(bytes) = bytes {
            all.push((from as usize, to as usize, bytes));
        }
    }
}

/// The properties of a run of characters.
pub fn character(bytes: &[u8]) -> Character {
    let mut character = Character::default();
    for (code, value) in sprms(bytes) {
        let on = is_on(value);
        match code {
            0x0835 => character.look.strong = on,
            0x0836 => character.look.emphasis = on,
            0x0837 => character.look.strike = on,
            // Deleted text is still there, marked.
            0x083c | 0x0800 => character.is_hidden |= on,
            // sprmCIss.
            0x2a48 => {
                character.look.script = match value.first() {
                    Some(1) => Some(Script::Raised),
                    Some(2) => Some(Script::Lowered),
                    _ => None,
                };
            }
            0x0855 => character.is_special = on,
            0x6a09 => character.symbol = value.u16_at(2),
            _ => {}
        }
    }
    character
}
