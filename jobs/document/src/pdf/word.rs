//! Which characters make a word? Those that follow each other on a baseline without a space.

use super::glyph::{Glyph, Glyphs, line_box};
use super::script::{self, accented, is_mark, is_right_to_left, is_unspaced};
use super::style::Style;
use crate::model::Rect;
use crate::script::Script;

/// From this share of its size on, a gap in a text without spaces is one: between letters it is hardest under a tenth,
/// between words seldom less than a fifth.
const SPACE: f32 = 0.16;

/// A word.
#[derive(Debug, Clone)]
pub struct Word {
    /// What it says, in the order in which it is read.
    pub text: String,
    /// Where it is.
    pub bounds: Rect,
    /// Its baseline.
    pub base: f32,
    /// How it is set, by its first character.
    pub style: Style,
    /// Whether it runs from right to left; none where nothing in it tells.
    pub runs_left: Option<bool>,
    /// Whether a space was drawn before it.
    pub spaced: bool,
    /// Where it leads, as a number in the links of the page.
    pub link: Option<u16>,
    /// Where it stands beside its line, once that is known.
    pub script: Option<Script>,
}

impl Word {
    /// Whether there is a space between this word and `next` on its right.
    pub fn is_apart_from(&self, next: &Self) -> bool {
        let gap = next.bounds.x0 - self.bounds.x1;
        let size = self.style.size.min(next.style.size);
        // What is read to the left has its space drawn before the word on the left.
        let is_left = self.runs_left == Some(true) || next.runs_left == Some(true);
        ((next.spaced || (is_left && self.spaced)) && gap > 0.02 * size) || gap > SPACE * size
    }
}

/// The words of a page, as they are drawn.
pub fn words(glyphs: &Glyphs) -> Vec<Word> {
    let mut words = Vec::with_capacity(glyphs.upright.len() / 5 + 1);
    let mut from = 0;
    let spaces = Spaces::of(glyphs);
    for at in 1..=glyphs.upright.len() {
        let goes_on = match (glyphs.upright.get(at - 1), glyphs.upright.get(at)) {
            (Some(last), Some(next)) => follows(last, next, glyphs, &spaces),
            _ => false,
        };
        if !goes_on {
            words.extend(glyphs.upright.get(from..at).and_then(|part| word(part, glyphs)));
            from = at;
        }
    }
    words
}

/// Whether `next` belongs to the word that ends with `last`.
fn follows(last: &Glyph, next: &Glyph, glyphs: &Glyphs, spaces: &Spaces) -> bool {
    let size = glyphs.styles.get(usize::from(last.style)).map_or(1.0, |style| style.size);
    let is_same_line = (next.base - last.base).abs() < 0.12 * size;
    let is_alike = last.style == next.style || {
        let other = glyphs.styles.get(usize::from(next.style)).map_or(1.0, |style| style.size);
        (other / size - 1.0).abs() < 0.1
    };
    let is_left = is_right_to_left(last.code) || is_right_to_left(next.code);
    let gap = if is_left && next.x1 <= last.x1 { last.x0 - next.x1 } else { next.x0 - last.x1 };
    if next.spaced && (gap > 0.02 * size || !is_same_line) {
        return false;
    }
    // Marks and the parts of a ligature stand on the character before them.
    let overlaps = next.x0 < last.x1 && next.x1 > last.x0;
    if is_same_line
        && overlaps
        && (next.run == last.run || is_mark(next.code) || accented(last.code, next.code).is_some())
    {
        return true;
    }
    let most = spaces.least(last.run, next.run, size);
    is_same_line
        && is_alike
        && gap < most
        && gap > -0.35 * size
        && !(is_unspaced(last.code) && is_unspaced(next.code))
}

/// Makes a word of its characters; none of nothing.
fn word(glyphs: &[Glyph], page: &Glyphs) -> Option<Word> {
    let first = glyphs.first()?;
    let style = *page.styles.get(usize::from(first.style))?;
    let mut text = String::with_capacity(glyphs.len());
    let mut last: Option<&Glyph> = None;
    let (mut left, mut right) = (0, 0);
    let ordered = if glyphs.iter().any(|glyph| is_right_to_left(glyph.code)) {
        logical(glyphs)
    } else {
        glyphs.to_vec()
    };
    for glyph in &ordered {
        left += usize::from(is_right_to_left(glyph.code));
        right += usize::from(glyph.code.is_alphabetic() && !is_right_to_left(glyph.code));
        let over = last.filter(|last| stand_over_each_other(last, glyph));
        match over.and_then(|last| accented(last.code, glyph.code)) {
            Some(whole) => {
                text.pop();
                text.push(whole);
            }
            None => script::push(&mut text, glyph.code),
        }
        last = Some(glyph);
    }
    let x0 = glyphs.iter().map(|glyph| glyph.x0).fold(f32::MAX, f32::min);
    let x1 = glyphs.iter().map(|glyph| glyph.x1).fold(f32::MIN, f32::max);
    Some(Word {
        text,
        bounds: line_box(x0, x1, first.base, style.size),
        base: first.base,
        style,
        runs_left: (left + right > 0).then_some(left > right),
        spaced: first.spaced,
        link: None,
        script: None,
    })
}

/// The characters of a word of a script that runs to the left, in the order in which they are read.
///
/// PDFium turns what is drawn from left to right around, and with it the parts of a ligature and the marks on letters.
fn logical(glyphs: &[Glyph]) -> Vec<Glyph> {
    let mut ordered = glyphs.to_vec();
    let runs_right =
        ordered.first().zip(ordered.last()).is_some_and(|(first, last)| last.x0 > first.x1 - 0.1);
    if runs_right {
        ordered.reverse();
        return ordered;
    }
    for parts in ordered.chunk_by_mut(|a, b| a.x0 == b.x0 && a.x1 == b.x1 && a.run == b.run) {
        parts.reverse();
    }
    for at in 1..ordered.len() {
        let (Some(&mark), Some(&letter)) = (ordered.get(at - 1), ordered.get(at)) else { continue };
        let middle = f32::midpoint(mark.x0, mark.x1);
        let stands_on_next = middle > letter.x0 && middle < letter.x1;
        if is_mark(mark.code) && !is_mark(letter.code) && stands_on_next {
            ordered.swap(at - 1, at);
        }
    }
    ordered
}

/// Whether two characters share most of the width of the narrower one.
fn stand_over_each_other(a: &Glyph, b: &Glyph) -> bool {
    let shared = a.x1.min(b.x1) - a.x0.max(b.x0);
    shared > 0.5 * (a.x1 - a.x0).min(b.x1 - b.x0)
}

/// How wide a space is at least, in each text object: wider where its letters are set apart.
struct Spaces(Vec<f32>);

impl Spaces {
    fn of(glyphs: &Glyphs) -> Self {
        let runs = glyphs.upright.last().map_or(0, |last| last.run as usize + 1);
        let mut tracking = vec![0.0; runs];
        let mut gaps = Vec::new();
        for part in glyphs.upright.chunk_by(|a, b| a.run == b.run) {
            gaps.clear();
            gaps.extend(part.windows(2).filter_map(|pair| match pair {
                [a, b] if !b.spaced => Some(b.x0 - a.x1),
                _ => None,
            }));
            let Some(first) = part.first().filter(|_| gaps.len() >= 4) else { continue };
            if let Some(of_run) = tracking.get_mut(first.run as usize) {
                *of_run = super::geometry::median(&mut gaps).max(0.0);
            }
        }
        Self(tracking)
    }

    fn least(&self, run: u32, next: u32, size: f32) -> f32 {
        let tracking = |run: u32| self.0.get(run as usize).copied().unwrap_or(0.0);
        let set_apart = if run == next { tracking(run) } else { tracking(run).min(tracking(next)) };
        // Letters that are set a little apart are kerned; those that are set far apart need a wider space too.
        if set_apart > 0.06 * size { set_apart + SPACE * size } else { SPACE * size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::geometry::Frame;

    fn page(characters: &[(char, f32, f32, bool)]) -> Glyphs {
        let upright = characters.iter().map(|&(code, x0, x1, spaced)| Glyph {
            code,
            x0,
            x1,
            base: 100.0,
            style: 0,
            run: 0,
            spaced,
        });
        Glyphs {
            frame: Frame::new(Rect::default(), 0),
            upright: upright.collect(),
            aside: Vec::new(),
            styles: vec![Style { size: 10.0, bold: false, italic: false, mono: false }],
            count: 0,
            broken: 0,
            truncated: false,
        }
    }

    fn texts(characters: &[(char, f32, f32, bool)]) -> Vec<String> {
        words(&page(characters)).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn a_gap_parts_words_where_no_space_is_drawn() {
        assert_eq!(
            texts(&[('o', 0.0, 5.0, false), ('u', 5.2, 10.0, false), ('a', 13.0, 18.0, false)]),
            ["ou", "a"]
        );
    }

    #[test]
    fn letters_that_are_set_apart_are_one_word() {
        let letters: Vec<_> = "TITULO"
            .chars()
            .enumerate()
            .map(|(at, code)| (code, at as f32 * 8.0, at as f32 * 8.0 + 5.5, false))
            .collect();
        assert_eq!(texts(&letters), ["TITULO"]);
    }

    #[test]
    fn an_accent_that_is_drawn_over_its_letter_makes_one_with_it() {
        let drawn =
            [('n', 0.0, 5.0, false), ('˜', 5.5, 9.0, false), ('a', 5.0, 9.5, false), ('o', 9.5, 14.0, false)];
        assert_eq!(texts(&drawn), ["não"]);
    }

    #[test]
    fn a_word_of_arabic_may_be_drawn_to_the_left() {
        let drawn = [
            ('س', 20.0, 25.0, false),
            ('ل', 15.0, 20.0, false),
            ('ا', 12.0, 15.0, false),
            ('م', 8.0, 12.0, false),
        ];
        let words = words(&page(&drawn));
        assert_eq!(words.first().map(|word| (word.text.as_str(), word.runs_left)), Some(("سلام", Some(true))));
    }
}
