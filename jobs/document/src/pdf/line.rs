//! What is a line? Words that are read one after the other, with their place and their size.

use super::geometry::around;
use super::script::reading_order;
use super::word::Word;
use crate::model::Rect;
use crate::script::Script;

/// What is raised or lowered is set smaller than this share of its line.
const SMALL: f32 = 0.85;
/// Shares of the size by which a baseline is moved: programs raise by a third, and lower by a seventh to a fifth.
const RAISED: f32 = 0.15;
const LOWERED: f32 = -0.08;

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
    pub fn of(mut words: Vec<Word>) -> Option<Self> {
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
        for at in 0..words.len() {
            let script = script(&words, at, base, size);
            if let Some(word) = words.get_mut(at) {
                word.script = script;
            }
        }
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

    /// Whether dots in it lead the eye to a page number, as in a table of contents.
    pub fn is_leader(&self) -> bool {
        has_leader(&self.words)
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

/// Dots that lead the eye: more than an ellipsis has.
pub const LEADER: usize = 5;

/// Whether words have dots among them that lead the eye.
pub fn has_leader(words: &[Word]) -> bool {
    let mut run = 0;
    words.iter().any(|word| {
        let dots = word.text.chars().filter(|code| *code == '.').count();
        run = if is_dots(&word.text) { run + dots } else { 0 };
        run >= LEADER || word.text.contains(".....")
    })
}

/// Whether a word is nothing but dots.
pub fn is_dots(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'.')
}

/// Whether word `at` of a line is set small above or below its baseline, and close to a neighbour.
fn script(words: &[Word], at: usize, base: f32, size: f32) -> Option<Script> {
    let word = words.get(at)?;
    if word.style.size >= SMALL * size {
        return None;
    }
    let is_near = |other: Option<&Word>| {
        other.is_some_and(|other| {
            let gap = (word.bounds.x0 - other.bounds.x1).max(other.bounds.x0 - word.bounds.x1);
            gap < 0.35 * size
        })
    };
    if !is_near(at.checked_sub(1).and_then(|before| words.get(before))) && !is_near(words.get(at + 1)) {
        return None;
    }
    match (base - word.base) / size {
        rise if rise > RAISED => Some(Script::Raised),
        rise if rise < LOWERED => Some(Script::Lowered),
        _ => None,
    }
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
            script: None,
        }
    }
}
