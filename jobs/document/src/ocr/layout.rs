//! How do words become paragraphs, headings and items of lists?

use super::super::model::{Block, BlockKind, Rect, TextSource, Word};
use super::noise::mean_confidence;
use super::tables::Grid;
use super::tesseract::{Begins, PixelBox, RawWord};

/// A line this many times as high as the text is a heading.
const HEADING: f32 = 1.18;
/// A heading has no more characters than this.
const HEADING_LENGTH: usize = 120;
/// A mark this low against its line is a dot, whatever letter it was taken for.
const DOT: f32 = 0.34;

/// The blocks of a page, in reading order; a table stands where its first word does. `place` tells where a box is on
/// the page.
pub(super) fn blocks(words: Vec<RawWord>, grids: &[Grid], place: impl Fn(PixelBox) -> Rect) -> Vec<Block> {
    let body = body_height(&lines(words.clone()));
    let mut tables = tables(&words, grids, &place);
    let mut blocks = Vec::new();
    let mut flow: Vec<RawWord> = Vec::new();
    let mut after_table = false;
    for mut word in words {
        match tables.iter_mut().find(|(grid, _)| grid.holds(word.bounds)) {
            Some((_, table)) => {
                blocks.extend(flowing(std::mem::take(&mut flow), body, &place));
                blocks.extend(table.take());
                after_table = true;
            }
            None => {
                if std::mem::take(&mut after_table) {
                    word.begins = Begins::Block;
                }
                flow.push(word);
            }
        }
    }
    blocks.extend(flowing(flow, body, &place));
    blocks
}

/// The grids that are tables, each with its block.
fn tables<'g>(
    words: &[RawWord],
    grids: &'g [Grid],
    place: &impl Fn(PixelBox) -> Rect,
) -> Vec<(&'g Grid, Option<Block>)> {
    let table = |grid: &'g Grid| {
        let words: Vec<RawWord> = words.iter().filter(|word| grid.holds(word.bounds)).cloned().collect();
        grid.block(&words, place).map(|block| (grid, Some(block)))
    };
    grids.iter().filter_map(table).collect()
}

/// The blocks of words outside of tables.
fn flowing(words: Vec<RawWord>, body: f32, place: &impl Fn(PixelBox) -> Rect) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut paragraph: Vec<Line> = Vec::new();
    for line in lines(words) {
        if line.starts_paragraph(paragraph.last(), body) && !paragraph.is_empty() {
            blocks.push(block(std::mem::take(&mut paragraph), body, place));
        }
        paragraph.push(line);
    }
    if !paragraph.is_empty() {
        blocks.push(block(paragraph, body, place));
    }
    blocks
}

/// Words side by side.
struct Line {
    words: Vec<RawWord>,
    begins: Begins,
    height: f32,
    item: Option<Item>,
}

/// What a line's first word makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Bullet,
    Number(u32),
}

impl Line {
    fn new(words: Vec<RawWord>) -> Option<Self> {
        let first = words.first()?;
        let (begins, height) = (first.begins, first.height);
        let item = if words.len() > 1 { item(first) } else { None };
        Some(Self { words, begins, height, item })
    }

    fn starts_paragraph(&self, before: Option<&Self>, body: f32) -> bool {
        let is_large = |line: &Self| line.height >= HEADING * body;
        self.begins >= Begins::Paragraph
            || self.item.is_some()
            || before.is_some_and(|before| is_large(before) != is_large(self))
    }
}

fn lines(words: Vec<RawWord>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line: Vec<RawWord> = Vec::new();
    for word in words {
        if word.begins >= Begins::Line {
            lines.extend(Line::new(std::mem::take(&mut line)));
        }
        line.push(word);
    }
    lines.extend(Line::new(line));
    lines
}

/// The height of most of the text.
fn body_height(lines: &[Line]) -> f32 {
    let mut heights: Vec<(f32, usize)> = lines
        .iter()
        .map(|line| (line.height, line.words.iter().map(|word| word.text.chars().count()).sum()))
        .collect();
    heights.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: usize = heights.iter().map(|(_, length)| length).sum();
    let mut seen = 0;
    heights
        .iter()
        .find(|(_, length)| {
            seen += length;
            seen * 2 >= all
        })
        .map_or(0.0, |(height, _)| *height)
}

/// Whether a line's first word is the mark of an item. A round dot is often taken for a letter of its shape.
fn item(word: &RawWord) -> Option<Item> {
    let mut chars = word.text.chars();
    let (first, more) = (chars.next()?, chars.next().is_some());
    let height = (word.bounds.y1 - word.bounds.y0) as f32;
    if !more {
        let is_mark = matches!(
            first,
            '•' | '◦' | '▪' | '■' | '●' | '○' | '‣' | '»' | '·' | '*' | '-' | '–' | '—' | '+'
        );
        let is_dot = height < DOT * word.height
            && matches!(first, 'e' | 'o' | 'a' | 'c' | '°' | '«' | '.' | '®' | '©' | '@' | '0' | 's' | '=');
        return (is_mark || is_dot).then_some(Item::Bullet);
    }
    let digits = word.text.strip_suffix(['.', ')'])?;
    (digits.len() <= 3).then(|| digits.parse().ok()).flatten().map(Item::Number)
}

fn block(mut lines: Vec<Line>, body: f32, place: &impl Fn(PixelBox) -> Rect) -> Block {
    let height = lines.iter().map(|line| line.height).fold(0.0, f32::max);
    let item = lines.first().and_then(|line| line.item);
    let length: usize =
        lines.iter().flat_map(|line| &line.words).map(|word| word.text.chars().count() + 1).sum();
    let kind = match (heading_level(height, body), item) {
        (Some(level), _) if lines.len() <= 3 && length <= HEADING_LENGTH && may_head(&lines, level) => {
            BlockKind::Heading { level }
        }
        (_, Some(Item::Bullet)) => BlockKind::ListItem { level: 0, number: None },
        (_, Some(Item::Number(number))) => BlockKind::ListItem { level: 0, number: Some(number) },
        (_, None) => BlockKind::Paragraph,
    };
    if let (BlockKind::ListItem { .. }, Some(first)) = (&kind, lines.first_mut()) {
        first.words.remove(0);
    }
    let text = joined(&lines);
    let words: Vec<RawWord> = lines.into_iter().flat_map(|line| line.words).collect();
    let confidence = Some(mean_confidence(&words));
    let words: Vec<Word> = words
        .into_iter()
        .map(|word| Word { bounds: place(word.bounds), confidence: Some(word.confidence), text: word.text })
        .collect();
    let bounds = words.iter().map(|word| word.bounds).reduce(around);
    Block { kind, text, bounds, source: TextSource::Ocr, confidence, words, ..Block::default() }
}

fn heading_level(height: f32, body: f32) -> Option<u8> {
    match height / body.max(1.0) {
        ratio if ratio >= 1.8 => Some(1),
        ratio if ratio >= 1.4 => Some(2),
        ratio if ratio >= HEADING => Some(3),
        _ => None,
    }
}

/// Whether a line reads as a heading. One that is only a little higher than the text and begins with a small letter goes on
/// from the line before, or is code, whose letters are wider.
fn may_head(lines: &[Line], level: u8) -> bool {
    let letters = lines.iter().flat_map(|line| &line.words).flat_map(|word| word.text.chars());
    let mut letters = letters.filter(|c| c.is_alphabetic());
    let begins_small = letters.next().is_none_or(char::is_lowercase);
    letters.take(2).count() == 2 && (level == 1 || !begins_small)
}

/// Lines as one text; a word that was parted at a line's end is whole again.
fn joined(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        let first = line.words.first().and_then(|word| word.text.chars().next());
        let parted = text.strip_suffix('-').is_some_and(|rest| rest.ends_with(char::is_alphabetic));
        if parted && first.is_some_and(char::is_lowercase) {
            text.pop();
        } else if !text.is_empty() {
            text.push(' ');
        }
        for (at, word) in line.words.iter().enumerate() {
            if at > 0 {
                text.push(' ');
            }
            text.push_str(&word.text);
        }
    }
    text
}

/// The least rectangle around both.
pub(super) fn around(a: Rect, b: Rect) -> Rect {
    Rect { x0: a.x0.min(b.x0), y0: a.y0.min(b.y0), x1: a.x1.max(b.x1), y1: a.y1.max(b.y1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A word of a line of 20 pixels.
    fn word(text: &str, begins: Begins) -> RawWord {
        let bounds = PixelBox { x0: 0, y0: 0, x1: 50, y1: 15 };
        RawWord { text: text.into(), confidence: 0.9, bounds, line: bounds, begins, kind: 1, height: 20.0 }
    }

    fn read(words: Vec<RawWord>) -> Vec<(BlockKind, String)> {
        blocks(words, &[], |_| Rect::default()).into_iter().map(|block| (block.kind, block.text)).collect()
    }

    #[test]
    fn a_parted_word_is_whole_again() {
        let words = vec![word("a", Begins::Block), word("infor-", Begins::Word), word("mação", Begins::Line)];
        assert_eq!(read(words), [(BlockKind::Paragraph, "a informação".into())]);
    }

    #[test]
    fn a_hyphen_before_a_capital_stays() {
        let words = vec![word("Mato-", Begins::Block), word("Grosso", Begins::Line)];
        assert_eq!(read(words), [(BlockKind::Paragraph, "Mato- Grosso".into())]);
    }

    #[test]
    fn a_dot_that_looks_like_a_letter_makes_an_item() {
        let mut dot = word("e", Begins::Block);
        dot.bounds = PixelBox { x0: 0, y0: 5, x1: 6, y1: 11 };
        let words =
            vec![dot, word("Escreva", Begins::Word), word("2)", Begins::Line), word("Leia", Begins::Word)];
        let item = |number| BlockKind::ListItem { level: 0, number };
        assert_eq!(read(words), [(item(None), "Escreva".into()), (item(Some(2)), "Leia".into())]);
    }

    #[test]
    fn a_true_letter_at_the_start_of_a_line_stays() {
        let words = vec![word("e", Begins::Block), word("depois", Begins::Word)];
        assert_eq!(read(words), [(BlockKind::Paragraph, "e depois".into())]);
    }

    #[test]
    fn a_higher_line_is_a_heading() {
        let mut title = word("Sumário", Begins::Block);
        title.height = 30.0;
        let words = vec![title, word("texto", Begins::Line), word("comprido", Begins::Word)];
        let read = read(words);
        assert_eq!(read[0], (BlockKind::Heading { level: 2 }, "Sumário".into()));
        assert_eq!(read[1].0, BlockKind::Paragraph);
    }

    #[test]
    fn a_higher_line_that_begins_with_a_small_letter_is_no_heading_unless_it_is_much_higher() {
        let kind = |text: &str, height: f32| {
            let mut line = word(text, Begins::Block);
            line.height = height;
            read(vec![line, word("texto", Begins::Line), word("comprido", Begins::Word)]).remove(0).0
        };
        assert_eq!((kind("sed", 25.0), kind("grep", 30.0)), (BlockKind::Paragraph, BlockKind::Paragraph));
        assert_eq!(kind("linn", 40.0), BlockKind::Heading { level: 1 });
    }
}
