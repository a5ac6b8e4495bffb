//! Which words make a line? Those on one baseline without a wide gap, and the small ones that are set above or below it.

use super::geometry::{Area, around};
use super::script::reading_order;
use super::word::Word;
use crate::model::Rect;

/// A line: of a paragraph, or of one cell of a table where gaps part those.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its words from left to right; never none.
    pub words: Vec<Word>,
    /// Where it is.
    pub bounds: Rect,
    /// The baseline of most of it.
    pub base: f32,
    /// The size of most of it.
    pub size: f32,
}

impl Line {
    /// A line of these words, from left to right; none of none.
    pub fn of(words: Vec<Word>) -> Option<Self> {
        let bounds = around(words.iter().map(|word| &word.bounds))?;
        // Most of the text decides: the word that has most letters of its size stands for it.
        let mut sizes: Vec<(f32, f32, usize)> = Vec::new();
        for word in &words {
            let length = word.text.len();
            let has_room = sizes.len() < 8;
            match sizes.iter_mut().find(|(size, ..)| (size - word.style.size).abs() < 0.05) {
                Some((.., count)) => *count += length,
                None if has_room => sizes.push((word.style.size, word.base, length)),
                None => {}
            }
        }
        let &(size, base, _) = sizes.iter().max_by_key(|(.., count)| *count)?;
        Some(Self { words, bounds, base, size })
    }

    /// Its words as they are read, each with whether a space stands before it.
    pub fn in_order(&self) -> Vec<(&Word, bool)> {
        let runs_left: Vec<Option<bool>> = self.words.iter().map(|word| word.runs_left).collect();
        let mut last: Option<usize> = None;
        let mut words = Vec::with_capacity(self.words.len());
        for at in reading_order(&runs_left) {
            let Some(word) = self.words.get(at) else { continue };
            let is_apart = last.is_some_and(|last| {
                let (left, right) = (last.min(at), last.max(at));
                match (self.words.get(left), self.words.get(right)) {
                    (Some(a), Some(b)) if right - left == 1 => a.is_apart_from(b),
                    _ => true,
                }
            });
            words.push((word, is_apart));
            last = Some(at);
        }
        words
    }

    /// What it says.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (word, is_apart) in self.in_order() {
            if is_apart {
                text.push(' ');
            }
            text.push_str(&word.text);
        }
        text
    }

    /// How many characters it has, spaces left out.
    pub fn length(&self) -> usize {
        self.words.iter().map(|word| word.text.chars().count()).sum()
    }

    /// Whether most of it runs from right to left.
    pub fn runs_left(&self) -> bool {
        let left = self.words.iter().filter(|word| word.runs_left == Some(true)).count();
        left > self.words.iter().filter(|word| word.runs_left == Some(false)).count()
    }

    /// Whether all of its words are set so.
    pub fn is_all(&self, trait_of: impl Fn(&Word) -> bool) -> bool {
        self.words.iter().all(trait_of)
    }

    /// How wide its first word is, with what is joined to it.
    pub fn first_width(&self) -> f32 {
        let Some(first) = self.words.first() else { return 0.0 };
        let runs_left = self.runs_left();
        let mut end = if runs_left { self.bounds.x0 } else { first.bounds.x1 };
        let mut joints = self.words.windows(2).filter_map(|pair| match pair {
            [a, b] => Some((a, b)),
            _ => None,
        });
        if runs_left {
            end = joints.rfind(|(a, b)| a.is_apart_from(b)).map_or(end, |(_, b)| b.bounds.x0);
            return self.bounds.x1 - end;
        }
        for (a, b) in joints {
            if a.is_apart_from(b) {
                break;
            }
            end = b.bounds.x1;
        }
        end - first.bounds.x0
    }

    /// The first word as it is read.
    pub fn first(&self) -> Option<&Word> {
        if self.runs_left() { self.words.last() } else { self.words.first() }
    }
}

/// Words on one baseline, over the whole page.
struct Row {
    words: Vec<Word>,
    base: f32,
    size: f32,
}

/// The lines of a page, from top to bottom and then from left to right.
pub fn lines(words: Vec<Word>) -> Vec<Line> {
    let mut rows = rows(words);
    attach_scripts(&mut rows);
    rows.into_iter().flat_map(|row| pieces(row.words)).collect()
}

fn rows(mut words: Vec<Word>) -> Vec<Row> {
    words.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.bounds.x0.total_cmp(&b.bounds.x0)));
    let mut rows: Vec<Row> = Vec::new();
    for word in words {
        match rows.last_mut() {
            Some(row) if word.base - row.base <= 0.25 * word.style.size.min(row.size) => {
                row.size = row.size.max(word.style.size);
                row.words.push(word);
            }
            _ => rows.push(Row { base: word.base, size: word.style.size, words: vec![word] }),
        }
    }
    for row in &mut rows {
        row.words.sort_by(|a, b| a.bounds.x0.total_cmp(&b.bounds.x0));
    }
    rows
}

/// How many rows above and below are searched for the line of a raised or lowered word.
const NEAR: usize = 4;

/// Moves words that are set small, above or below a line and close to a word of it, into that line.
fn attach_scripts(rows: &mut Vec<Row>) {
    let mut moved: Vec<(usize, Word)> = Vec::new();
    for at in 0..rows.len() {
        let Some(row) = rows.get_mut(at) else { break };
        let mut kept = Vec::with_capacity(row.words.len());
        let words = std::mem::take(&mut row.words);
        let near = at.saturating_sub(NEAR)..(at + NEAR + 1).min(rows.len());
        let mut before: Option<(usize, Rect)> = None;
        for word in words {
            // Behind another raised word, it is raised too.
            let goes_on = before.filter(|(_, last)| {
                let gap = word.bounds.x0 - last.x1;
                gap < 0.35 * word.style.size && gap > -0.6 * word.style.size
            });
            let host = goes_on.map(|(host, _)| host).or_else(|| {
                near.clone()
                    .filter(|&other| other != at)
                    .find(|&other| rows.get(other).is_some_and(|row| is_script_of(&word, row)))
            });
            before = host.map(|host| (host, word.bounds));
            match host {
                Some(host) => moved.push((host, word)),
                None => kept.push(word),
            }
        }
        if let Some(row) = rows.get_mut(at) {
            row.words = kept;
        }
    }
    for (host, word) in moved {
        if let Some(row) = rows.get_mut(host) {
            row.words.push(word);
        }
    }
    for row in rows.iter_mut() {
        row.words.sort_by(|a, b| a.bounds.x0.total_cmp(&b.bounds.x0));
    }
    rows.retain(|row| !row.words.is_empty());
}

/// Whether a word is set small beside a word of `row`, and at its height.
fn is_script_of(word: &Word, row: &Row) -> bool {
    if word.style.size >= 0.85 * row.size {
        return false;
    }
    let is_host = |other: &Word, gap: f32| {
        let slack = 0.15 * other.style.size;
        let middle = word.bounds.centre();
        word.style.size < 0.85 * other.style.size
            && middle > other.bounds.y0 - slack
            && middle < other.bounds.y1 + slack
            && gap < 0.35 * other.style.size
            && gap > -0.6 * other.style.size
    };
    let place = row.words.partition_point(|other| other.bounds.x0 < word.bounds.x0);
    let before = place.checked_sub(1).and_then(|before| row.words.get(before));
    before.is_some_and(|other| is_host(other, word.bounds.x0 - other.bounds.x1))
        || row.words.get(place).is_some_and(|other| is_host(other, other.bounds.x0 - word.bounds.x1))
}

/// Parts the words of a row where a gap is too wide for a space.
fn pieces(words: Vec<Word>) -> Vec<Line> {
    let gap = |pair: &[Word]| match pair {
        [a, b] => b.bounds.x0 - a.bounds.x1,
        _ => 0.0,
    };
    let gaps: Vec<f32> = words.windows(2).map(gap).collect();
    let mut lines = Vec::new();
    let mut piece: Vec<Word> = Vec::new();
    for (at, word) in words.into_iter().enumerate() {
        if let (Some(last), Some(before)) = (piece.last(), at.checked_sub(1))
            && is_wide(last, &word, &gaps, before)
        {
            lines.extend(Line::of(std::mem::take(&mut piece)));
        }
        piece.push(word);
    }
    lines.extend(Line::of(piece));
    lines
}

/// Whether gap `at` of a row, between two words, is no space: wider than one, and not one of a line that is stretched.
fn is_wide(a: &Word, b: &Word, gaps: &[f32], at: usize) -> bool {
    let gap = b.bounds.x0 - a.bounds.x1;
    // A raised word is small, and the gap beside it is as wide as its line wants it.
    let size = a.style.size.max(b.style.size);
    let space = if a.style.mono && b.style.mono { 1.4 } else { 0.66 };
    if gap <= space * size {
        return false;
    }
    // The gaps of a stretched line are alike, and hold a space; those between cells are seldom either.
    let is_like = |other: Option<&f32>| other.is_some_and(|other| (other - gap).abs() < 0.1 * size);
    let is_stretched =
        is_like(at.checked_sub(1).and_then(|before| gaps.get(before))) || is_like(gaps.get(at + 1));
    !(is_stretched && (gap < size || (b.spaced && gap < 2.5 * size)))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::pdf::glyph::line_box;
    use crate::pdf::style::Style;

    /// A word of 10 points, half as wide a letter.
    pub fn word(text: &str, x0: f32, base: f32) -> Word {
        sized(text, x0, base, 10.0)
    }

    /// A word of some size.
    pub fn sized(text: &str, x0: f32, base: f32, size: f32) -> Word {
        let x1 = x0 + 0.5 * size * text.chars().count() as f32;
        let style = Style { size, bold: false, italic: false, mono: false };
        let runs_left = text.chars().any(char::is_alphabetic).then_some(false);
        Word {
            text: text.into(),
            bounds: line_box(x0, x1, base, size),
            base,
            style,
            runs_left,
            spaced: true,
            link: None,
        }
    }

    fn texts(words: Vec<Word>) -> Vec<String> {
        lines(words).iter().map(Line::text).collect()
    }

    #[test]
    fn a_wide_gap_ends_a_line() {
        let words = vec![word("um", 0.0, 20.0), word("dois", 13.0, 20.0), word("longe", 60.0, 20.0)];
        assert_eq!(texts(words), ["um dois", "longe"]);
    }

    #[test]
    fn a_raised_number_belongs_to_the_word_that_it_follows() {
        let mut raised = sized("2", 10.0, 16.0, 6.0);
        raised.spaced = false;
        assert_eq!(texts(vec![word("km", 0.0, 20.0), raised, word("cada", 16.0, 20.0)]), ["km2 cada"]);
    }

    #[test]
    fn lines_are_read_from_top_to_bottom() {
        assert_eq!(texts(vec![word("fim", 0.0, 40.0), word("começo", 0.0, 20.0)]), ["começo", "fim"]);
    }
}
