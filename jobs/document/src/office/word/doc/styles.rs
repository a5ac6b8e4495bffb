//! What does a style of a DOC give its paragraphs (MS-DOC, 2.9.271: STSH)?

use super::super::super::compound::{Bytes, utf16};
use super::super::role::Role;
use super::properties::Paragraph;

/// How long a chain of styles may be; a longer one, or a circle, ends here.
const LONGEST_CHAIN: usize = 16;
/// The number that names no style.
const NONE: u16 = 0x0fff;

#[derive(Debug, Default)]
struct Style {
    base: u16,
    role: Role,
    modifiers: Vec<u8>,
}

/// All styles, by their numbers.
#[derive(Debug, Default)]
pub struct Styles {
    all: Vec<Style>,
}

impl Styles {
    /// Of the table of styles.
    pub fn of(table: &[u8]) -> Option<Self> {
        let header = usize::from(table.u16_at(0)?);
        let count = usize::from(table.u16_at(2)?);
        let fixed = usize::from(table.u16_at(4)?);
        let mut at = 2 + header;
        let mut all = Vec::new();
        for _ in 0..count {
            let Some(length) = table.u16_at(at).map(usize::from) else { break };
            let bytes = table.cut(at + 2, length).unwrap_or_default();
            all.push(style(bytes, fixed).unwrap_or_default());
            at += 2 + length;
        }
        Some(Self { all })
    }

    /// What a paragraph of the style `number` has, and what it is.
    pub fn paragraph(&self, number: u16) -> (Paragraph, Role) {
        let mut chain = Vec::new();
        let mut next = number;
        while let Some(style) = self.all.get(usize::from(next)).filter(|_| chain.len() < LONGEST_CHAIN) {
            chain.push(style);
            next = style.base;
        }
        let mut paragraph = Paragraph { style: number, ..Paragraph::default() };
        for style in chain.iter().rev() {
            paragraph.apply(&style.modifiers);
        }
        let role = chain.iter().map(|it| it.role).find(|it| *it != Role::Body);
        (paragraph, role.unwrap_or_default())
    }
}

fn style(bytes: &[u8], fixed: usize) -> Option<Style> {
    let built_in = bytes.u16_at(0)? & 0x0fff;
    let kind_and_base = bytes.u16_at(2)?;
    let length = usize::from(bytes.u16_at(fixed)?);
    let name = utf16(bytes.cut(fixed + 2, length * 2)?);
    // Headings have the numbers 1 to 9, the title has 62, in every language.
    let role = match built_in {
        level @ 1..=9 => Role::Heading(u8::try_from(level).unwrap_or(1)),
        62 => Role::Heading(1),
        _ => Role::of(&name),
    };
    let mut style = Style { base: kind_and_base >> 4, role, modifiers: Vec::new() };
    if style.base == NONE {
        style.base = u16::MAX;
    }
    if kind_and_base & 0x0f == 1 {
        // The name ends in a zero; what follows begins at an even place.
        let at = (fixed + 2 + length * 2 + 2).next_multiple_of(2);
        let size = usize::from(bytes.u16_at(at).unwrap_or_default());
        style.modifiers = bytes.cut(at + 4, size.saturating_sub(2)).unwrap_or_default().to_vec();
    }
    Some(style)
}
