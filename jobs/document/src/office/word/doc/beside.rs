//! What stands beside the text of a DOC: notes, comments, boxes, headers and footers?

use std::collections::HashSet;

use super::super::super::super::error::ReadError;
use super::super::super::super::model::BlockKind;
use super::super::super::compound::Bytes;
use super::super::super::lines::plain;
use super::reader::{Kind, MARK, Reader};

/// The texts above and below pages: what each is, and its characters (MS-DOC, 2.3.3). The first six are lines above notes.
pub fn header_stories(table: &[u8]) -> Vec<(bool, usize, usize)> {
    let count = (table.len() / 4).saturating_sub(2).min(600);
    let stories = (6..count).filter_map(|place| {
        let (from, to) = (table.u32_at(place * 4)? as usize, table.u32_at(place * 4 + 4)? as usize);
        let is_header = matches!((place - 6) % 6, 0 | 1 | 4);
        (from < to).then_some((is_header, from, to))
    });
    stories.collect()
}

impl Reader<'_, '_, '_> {
    /// Notes, each of which begins with `mark` or, for text boxes, ends as paragraphs do.
    pub(super) fn notes(
        &mut self,
        from: usize,
        length: usize,
        mark: char,
        kind: &BlockKind,
    ) -> Result<(), ReadError> {
        self.part(from, length, Kind::Beside)?;
        let paragraphs = std::mem::take(&mut self.beside);
        let mut notes: Vec<String> = Vec::new();
        for paragraph in paragraphs {
            let text = paragraph.trim_start_matches(MARK).trim();
            match notes.last_mut().filter(|_| mark != '\r' && !paragraph.starts_with(MARK)) {
                Some(last) if !text.is_empty() => {
                    last.push('\n');
                    last.push_str(text);
                }
                Some(_) => {}
                None => notes.push(text.to_owned()),
            }
        }
        for note in notes.into_iter().filter(|it| !it.trim().is_empty()) {
            let block = plain(kind.clone(), &note);
            match kind {
                BlockKind::Paragraph => self.story.push(block),
                _ => self.story.end_note(block),
            }
        }
        Ok(())
    }

    pub(super) fn furniture(
        &mut self,
        stories: &[(bool, usize, usize)],
        start: usize,
        length: usize,
        kind: &BlockKind,
    ) -> Result<(), ReadError> {
        let mut told = HashSet::new();
        for (_, from, to) in stories {
            if *to > length {
                continue;
            }
            self.part(start + from, to - from, Kind::Beside)?;
            let text = std::mem::take(&mut self.beside).join("\n");
            let words = text.split_whitespace().filter(|it| it.chars().any(char::is_alphabetic)).count();
            let is_number = words <= 2 && text.chars().any(|it| it.is_ascii_digit());
            if text.trim().is_empty() || is_number || !told.insert(text.clone()) {
                continue;
            }
            match kind {
                BlockKind::Header => self.story.push(plain(BlockKind::Header, &text)),
                _ => self.story.footer(plain(BlockKind::Footer, &text)),
            }
        }
        Ok(())
    }
}
