//! How do the paragraphs and cells of an RTF end?

use super::super::super::super::error::ReadError;
use super::super::super::super::model::BlockKind;
use super::super::super::labels::{Counting, Label};
use super::super::super::lines::{Line, Look, plain};
use super::super::super::word::role::Role;
use super::Reader;

impl Reader<'_, '_> {
    pub(super) fn end_cell(&mut self) {
        let line = std::mem::take(&mut self.line);
        let last = self.labelled(line).map(|(_, line)| line.block(BlockKind::Paragraph).text);
        self.cell.extend(last);
        let text = std::mem::take(&mut self.cell).join("\n");
        if self.story.out.cell_fits() && self.story.out.text_fits(text.len()) {
            self.rows.end_cell(text);
        }
    }

    pub(super) fn end_table(&mut self) {
        if !self.rows.is_open() {
            return;
        }
        match self.rows.finish() {
            Some(Ok(block)) => self.story.push(block),
            Some(Err(text)) => self.story.push(plain(BlockKind::Paragraph, &text)),
            None => {}
        }
    }

    /// A line with the label of its item, and the kind of block that it makes; none if it is blank.
    pub(super) fn labelled(&mut self, line: Line) -> Option<(Option<BlockKind>, Line)> {
        let label = self.label.take();
        if line.is_blank() {
            return None;
        }
        let Some(label) = label else { return Some((None, line)) };
        let label = label_of(&label, self.paragraph.level);
        let (kind, said) = label.item();
        let mut labelled = Line::default();
        if !said.is_empty() {
            labelled.push(&format!("{said} "), &Look::default());
        }
        labelled.append(&line);
        Some((Some(kind), labelled))
    }

    pub(super) fn end_paragraph(&mut self) -> Result<(), ReadError> {
        let line = std::mem::take(&mut self.line);
        let Some((kind, line)) = self.labelled(line) else {
            if !self.paragraph.is_in_table && self.paragraph.nesting == 0 && self.beside.is_empty() {
                self.end_table();
            }
            return Ok(());
        };
        if let Some(beside) = self.beside.last_mut() {
            beside.lines.push(line.block(BlockKind::Paragraph).text);
            return Ok(());
        }
        if self.paragraph.is_in_table || self.paragraph.nesting > 0 {
            self.cell.push(line.block(BlockKind::Paragraph).text);
            return Ok(());
        }
        self.end_table();
        if self.paragraph.breaks_page {
            self.story.break_page()?;
        }
        let role = match self.paragraph.outline {
            Some(level) => Role::Heading(level + 1),
            None => self.styles.get(&self.paragraph.style).copied().unwrap_or_default(),
        };
        let kind = match (role, kind) {
            (Role::Body, Some(kind)) => kind,
            (role, _) => role.kind(),
        };
        self.story.push(line.block(kind));
        Ok(())
    }
}

/// A label by what it shows: a mark, or a number.
fn label_of(shown: &str, level: u8) -> Label {
    let shown = shown.trim().to_owned();
    let mut characters = shown.chars();
    let is_mark = shown.is_empty()
        || (shown.chars().count() == 1
            && characters.next().is_some_and(|it| !it.is_alphanumeric() || it == 'o'));
    if is_mark {
        return Label { level, counting: Counting::Bullet, number: 0, shown };
    }
    let digits = shown.trim_matches(|it: char| !it.is_ascii_digit());
    let number = digits.parse::<u32>().ok();
    Label { level, counting: Counting::Decimal, number: number.unwrap_or_default(), shown }
}
