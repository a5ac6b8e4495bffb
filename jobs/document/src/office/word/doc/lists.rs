//! How do the lists of a DOC count (MS-DOC, 2.9.131: LSTF, 2.9.150: LVLF)?

use super::super::super::compound::Bytes;
use super::super::super::labels::Counting;
use super::super::docx::Lists;

/// The lists, by the numbers that paragraphs name. `lists` goes on after the table: the levels lie behind it.
pub fn lists(lists: &[u8], uses: &[u8]) -> Lists {
    let mut found = Lists::default();
    let defined = defined(lists).unwrap_or_default();
    let count = uses.u32_at(0).unwrap_or_default().min(2_000) as usize;
    for place in 0..count {
        let Some(id) = uses.u32_at(4 + place * 16) else { break };
        if let Some((_, levels)) = defined.iter().find(|(it, _)| *it == id) {
            // Paragraphs count from one on.
            found.add(&(place + 1).to_string(), levels.clone());
        }
    }
    found
}

type Levels = Vec<(u32, Counting, String)>;

fn defined(table: &[u8]) -> Option<Vec<(u32, Levels)>> {
    let count = usize::from(table.u16_at(0)?);
    let mut at = 2 + count * 28;
    let mut defined = Vec::new();
    for place in 0..count {
        let list = table.cut(2 + place * 28, 28)?;
        let is_simple = list.u8_at(26)? & 1 != 0;
        let mut levels = Vec::new();
        for _ in 0..if is_simple { 1 } else { 9 } {
            let Some((level, length)) = level(table.get(at..)?) else { return Some(defined) };
            levels.push(level);
            at += length;
        }
        defined.push((list.u32_at(0)?, levels));
    }
    Some(defined)
}

/// A level, and how many bytes it takes.
fn level(bytes: &[u8]) -> Option<((u32, Counting, String), usize)> {
    let start = bytes.u32_at(0)?;
    let counting = Counting::of_binary(u32::from(bytes.u8_at(4)?));
    let modifiers = usize::from(bytes.u8_at(24)?) + usize::from(bytes.u8_at(25)?);
    let at = 28 + modifiers;
    let length = usize::from(bytes.u16_at(at)?);
    let text = bytes.cut(at + 2, length * 2)?;
    let shown = text.chunks_exact(2).filter_map(|unit| unit.u16_at(0)).map(|unit| match unit {
        // The place of the number of a level.
        level @ 0..=8 => format!("%{}", level + 1),
        other => char::from_u32(u32::from(other)).map(String::from).unwrap_or_default(),
    });
    Some(((start, counting, shown.collect()), at + 2 + length * 2))
}
