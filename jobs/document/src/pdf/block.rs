//! What are the lines of a column? Headings, paragraphs, items of lists, code and footnotes.

use super::code::verbatim;
use super::file::Detail;
use super::geometry::around;
use super::line::Line;
use super::list::{Marker, is_section_number};
use super::paragraph::{Column, is_alike, marker_of, paragraphs, stretches};
use super::prose::{Compounds, Plain, Prose};
use super::survey::{Survey, is_larger};
use crate::model::{Block, BlockKind, Span, Word};

/// What blocks are made with.
pub struct Maker<'a> {
    /// What is known of the document.
    pub survey: &'a Survey,
    /// Words that keep their hyphens.
    pub compounds: &'a Compounds,
    /// Where the links of the page lead.
    pub links: &'a [String],
    /// What is wanted of the page.
    pub detail: Detail,
}

/// Characters of a heading at most.
const LONGEST_HEADING: usize = 220;
/// Lines of a heading at most.
const MOST_HEADING_LINES: usize = 4;

impl Maker<'_> {
    /// The blocks of lines that follow each other in a column, from top to bottom.
    pub fn blocks(&self, lines: &[Line]) -> Vec<Block> {
        let column = Column::of(lines);
        let mut blocks = Vec::new();
        let notes = self.footnotes(lines);
        let (text, notes) = lines.split_at(notes.min(lines.len()));
        for part in text.chunk_by(|a, b| self.is_code(a) == self.is_code(b)) {
            if part.first().is_some_and(|line| self.is_code(line)) {
                blocks.push(self.block(
                    BlockKind::Code { code_language: None },
                    verbatim(part),
                    Vec::new(),
                    part,
                ));
                continue;
            }
            for stretch in stretches(part, column) {
                self.stretch(stretch, column, &mut blocks);
            }
        }
        for note in notes.chunk_by(|_, next| !starts_note(next)) {
            let (text, spans) = self.prose(note, Plain::default());
            blocks.push(self.block(BlockKind::Footnote, text, spans, note));
        }
        self.nest(&mut blocks);
        blocks
    }

    /// A block of lines that stand above or below the text of every page, row by row.
    pub fn furniture(&self, kind: &BlockKind, lines: Vec<Line>) -> Vec<Block> {
        let rows = super::table::in_rows(lines);
        let block = |row: &Vec<Line>| {
            let (text, spans) = self.prose(&joined(row), Plain { bold: true, italic: true, mono: true });
            self.block(kind.clone(), text, spans, row)
        };
        rows.iter().map(block).collect()
    }

    fn stretch(&self, lines: &[Line], column: Column, blocks: &mut Vec<Block>) {
        if self.is_heading(lines) {
            let level = self.level(lines);
            let (text, spans) = self.prose(lines, Plain { bold: true, italic: true, mono: true });
            blocks.push(self.block(BlockKind::Heading { level }, text, spans, lines));
            return;
        }
        for part in paragraphs(lines, column) {
            if self.is_heading(part) && part.len() < lines.len() && self.is_bold(part) {
                let (text, spans) = self.prose(part, Plain { bold: true, italic: true, mono: true });
                blocks.push(self.block(BlockKind::Heading { level: self.level(part) }, text, spans, part));
                continue;
            }
            let marker = part.first().and_then(marker_of);
            let plain = Plain { bold: self.survey.is_bold, italic: false, mono: self.survey.is_mono };
            let (text, spans) = self.prose(part, plain);
            blocks.push(match marker {
                Some(Marker::Bullet) => self.item(None, &text, spans, part),
                Some(Marker::Number(number)) => self.item(Some(number), &text, spans, part),
                Some(Marker::Letter) => {
                    self.block(BlockKind::ListItem { level: 0, number: None }, text, spans, part)
                }
                None => self.block(BlockKind::Paragraph, text, spans, part),
            });
        }
    }

    /// An item of a list, without its marker.
    fn item(&self, number: Option<u32>, text: &str, spans: Vec<Span>, lines: &[Line]) -> Block {
        let cut = text.find(' ').map_or(0, |space| space + 1);
        let cut = u32::try_from(cut).unwrap_or(0);
        let shift = |span: Span| Span {
            start: span.start.saturating_sub(cut),
            end: span.end.saturating_sub(cut),
            ..span
        };
        let spans = spans.into_iter().map(shift).filter(|span| span.end > span.start).collect();
        let text = text.get(cut as usize..).unwrap_or_default().to_owned();
        self.block(BlockKind::ListItem { level: 0, number }, text, spans, lines)
    }

    /// How deep items lie: by where they start, among the items around them.
    fn nest(&self, blocks: &mut [Block]) {
        let mut starts: Vec<f32> = Vec::new();
        for block in blocks {
            let (BlockKind::ListItem { level, .. }, Some(bounds)) = (&mut block.kind, block.bounds) else {
                if !matches!(block.kind, BlockKind::Paragraph) {
                    starts.clear();
                }
                continue;
            };
            let slack = 0.5 * self.survey.body.max(4.0);
            while starts.last().is_some_and(|start| *start > bounds.x0 + slack) {
                starts.pop();
            }
            if starts.last().is_none_or(|start| *start < bounds.x0 - slack) {
                starts.push(bounds.x0);
            }
            *level = u8::try_from(starts.len().saturating_sub(1)).unwrap_or(u8::MAX).min(8);
        }
    }

    fn prose(&self, lines: &[Line], plain: Plain) -> (String, Vec<Span>) {
        let mut prose = Prose::default();
        for line in lines {
            prose.line(line, self.compounds);
        }
        prose.finish(self.links, plain)
    }

    fn block(&self, kind: BlockKind, text: String, spans: Vec<Span>, lines: &[Line]) -> Block {
        let bounds = around(lines.iter().map(|line| &line.bounds));
        let words = if self.detail.words { words(lines) } else { Vec::new() };
        Block { kind, text, bounds, spans, words, ..Block::default() }
    }

    /// Whether a line is code: all of it is set in a font for code, and the document is not.
    pub fn is_code(&self, line: &Line) -> bool {
        !self.survey.is_mono && line.is_all(|word| word.style.mono)
    }

    fn is_bold(&self, lines: &[Line]) -> bool {
        !self.survey.is_bold && lines.iter().all(|line| line.is_all(|word| word.style.bold))
    }

    /// Whether lines that stand by themselves are a heading: set larger than the text, or bold and short.
    fn is_heading(&self, lines: &[Line]) -> bool {
        let Some(first) = lines.first() else { return false };
        let length: usize = lines.iter().map(Line::length).sum();
        let letters = lines.iter().flat_map(|line| &line.words).flat_map(|word| word.text.chars());
        let has_letters = letters.filter(|code| code.is_alphabetic()).count() >= 2;
        if length > LONGEST_HEADING || lines.len() > MOST_HEADING_LINES || !has_letters {
            return false;
        }
        if is_larger(first.size, self.survey.body) {
            return true;
        }
        let text = lines.last().map(Line::text).unwrap_or_default();
        let ends_open = !text.ends_with(['.', ',', ';'])
            || first.first().is_some_and(|word| is_section_number(&word.text));
        let is_item = marker_of(first) == Some(Marker::Bullet);
        self.is_bold(lines)
            && lines.len() <= 2
            && length <= 100
            && ends_open
            && !is_item
            && first.size > 0.9 * self.survey.body
    }

    fn level(&self, lines: &[Line]) -> u8 {
        lines.first().map_or(1, |line| self.survey.level(line.size))
    }

    /// Where the footnotes of a column start, among its lines: at its end, set smaller, with a mark before the first.
    fn footnotes(&self, lines: &[Line]) -> usize {
        let body = self.survey.body;
        let is_small = |line: &&Line| line.size < 0.93 * body;
        let small = lines.iter().rev().take_while(is_small).count();
        // Where nothing else is in the column, only a raised mark tells a note from small print.
        let is_note = |line: &Line| starts_note(line) && (small < lines.len() || has_raised_mark(line));
        let first = lines.len() - small;
        let start = lines.iter().skip(first).position(is_note);
        start.map_or(lines.len(), |start| first + start)
    }
}

/// Whether a line starts a footnote: with a raised number, or a sign that footnotes have.
fn starts_note(line: &Line) -> bool {
    let Some(first) = line.first() else { return false };
    let is_number = first.text.len() <= 3 && first.text.bytes().all(|byte| byte.is_ascii_digit());
    let is_sign = matches!(first.text.chars().next(), Some('*' | '†' | '‡' | '§' | '¹' | '²' | '³'));
    (is_number && (has_raised_mark(line) || line.words.len() > 2)) || (is_sign && line.words.len() > 1)
}

/// Whether the first word of a line is set smaller than the rest.
fn has_raised_mark(line: &Line) -> bool {
    line.first().is_some_and(|first| !is_alike(first.style.size, line.size) && first.style.size < line.size)
}

/// A row of pieces as one line.
pub fn joined(row: &[Line]) -> Vec<Line> {
    Line::of(row.iter().flat_map(|line| line.words.iter().cloned()).collect()).into_iter().collect()
}

fn words(lines: &[Line]) -> Vec<Word> {
    let ordered = lines.iter().flat_map(Line::in_order);
    ordered.map(|(word, _)| Word { text: word.text.clone(), bounds: word.bounds, confidence: None }).collect()
}
