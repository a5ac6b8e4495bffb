//! What of this room has no door of its own, for `fuzz/`? The way from words and lines to a page, without PDFium.

use super::content::Content;
use super::file::Detail;
use super::geometry::Frame;
use super::row::lines;
use super::shape::Shapes;
use super::style::Style;
use super::survey::Surveyor;
use super::word::Word;
use crate::model::{Page, Rect};

/// A page of words, each with its place and whether its font is bold, and of level lines, upright lines, filled areas and
/// images.
#[must_use]
pub fn page(size: (f32, f32), words: Vec<(String, Rect, bool)>, drawn: [Vec<Rect>; 4]) -> Page {
    let word = |(text, bounds, bold): (String, Rect, bool)| Word {
        runs_left: text
            .chars()
            .next()
            .filter(|c| c.is_alphabetic())
            .map(|c| ('\u{590}'..'\u{8ff}').contains(&c)),
        text,
        bounds,
        base: bounds.y1,
        style: Style { size: bounds.y1 - bounds.y0, bold, italic: false, mono: false },
        spaced: true,
        link: None,
        script: None,
    };
    let [level, upright, fills, images] = drawn;
    let content = Content {
        frame: Frame::new(Rect { x0: 0.0, y0: size.1, x1: size.0, y1: 0.0 }, 0),
        lines: lines(words.into_iter().map(word).collect()),
        aside: Vec::new(),
        shapes: Shapes { level, upright, fills, images },
        links: Vec::new(),
        notes: Vec::new(),
        characters: 0,
        broken: 0,
        truncated: false,
    };
    let mut surveyor = Surveyor::default();
    surveyor.look(&content);
    super::page::page(1, content, &surveyor.finish(), Detail { words: true, tables: true })
}
