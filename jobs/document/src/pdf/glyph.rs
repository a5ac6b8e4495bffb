//! Which characters stand where on a page? All of them, with the way they are set, as the page is read.

use std::collections::HashMap;

use super::geometry::Frame;
use super::meaning::{Meaning, meaning};
use super::native::{OpenPage, PageObject, TextLayer};
use super::style::{FontTraits, Style};
use crate::model::Rect;

/// Characters of a page that are read; a full page of small print has some 10,000.
pub const MOST_GLYPHS: i32 = 200_000;

/// How far above and below its baseline a line reaches, as a share of its font's size: about what most Latin fonts have.
pub const ASCENT: f32 = 0.76;
/// See [`ASCENT`].
pub const DESCENT: f32 = 0.22;

/// A character.
#[derive(Debug, Clone, Copy)]
pub struct Glyph {
    /// What it is.
    pub code: char,
    /// Left and right edge, as it is read.
    pub x0: f32,
    /// See `x0`.
    pub x1: f32,
    /// Its baseline.
    pub base: f32,
    /// Number of its style.
    pub style: u16,
    /// Number of the text object that drew it.
    pub run: u32,
    /// Whether a space was drawn before it.
    pub spaced: bool,
}

/// The characters of a page.
#[derive(Debug)]
pub struct Glyphs {
    /// How the page is turned to be read.
    pub frame: Frame,
    /// The characters that then stand upright, as they are drawn.
    pub upright: Vec<Glyph>,
    /// The others, each text object a line.
    pub aside: Vec<(String, Rect)>,
    /// How they are set.
    pub styles: Vec<Style>,
    /// How many there are, spaces left out.
    pub count: u32,
    /// How many of them nobody can tell what they are.
    pub broken: u32,
    /// Whether the page has more than are read.
    pub truncated: bool,
}

/// A character before it is known how the page is turned.
struct Raw {
    code: char,
    index: i32,
    run: u32,
    spaced: bool,
}

/// A text object.
struct Run {
    style: u16,
    /// Where its text leads, in the page's own space.
    along: (f32, f32),
    /// Where its first character stands.
    origin: (f32, f32),
}

/// Reads the characters of `page`, which is shown by `frame`.
pub fn read(page: &OpenPage<'_>, frame: Frame) -> Glyphs {
    let mut reader = Reader::default();
    let Some(text) = page.text() else { return reader.into_glyphs(None, frame) };
    reader.read(&text);
    reader.into_glyphs(Some(&text), frame)
}

#[derive(Default)]
struct Reader<'p> {
    raws: Vec<Raw>,
    runs: Vec<Run>,
    styles: Vec<Style>,
    fonts: HashMap<usize, FontTraits>,
    last: Option<PageObject<'p>>,
    count: u32,
    broken: u32,
    truncated: bool,
}

impl<'p> Reader<'p> {
    fn read(&mut self, text: &TextLayer<'p>) {
        let all = text.count().max(0);
        self.truncated = all > MOST_GLYPHS;
        let mut spaced = false;
        let mut high = None;
        for index in 0..all.min(MOST_GLYPHS) {
            // What PDFium made up, spaces and ends of lines, is found anew from the places of the rest.
            let Some(object) = text.object(index) else { continue };
            let code = text.code(index);
            if (0xD800..0xDC00).contains(&code) {
                high = Some(code);
                continue;
            }
            let code = match (high.take(), code) {
                (Some(high), 0xDC00..0xE000) => 0x1_0000 + ((high - 0xD800) << 10) + (code - 0xDC00),
                _ => code,
            };
            match meaning(code) {
                Meaning::Space => spaced = true,
                Meaning::Nothing => {}
                Meaning::Broken => {
                    self.count += 1;
                    self.broken += 1;
                    self.push(text, object, index, char::REPLACEMENT_CHARACTER, &mut spaced);
                }
                Meaning::Char(code) => {
                    self.count += 1;
                    self.broken += u32::from(text.is_guess(index));
                    self.push(text, object, index, code, &mut spaced);
                }
            }
        }
    }

    fn push(
        &mut self,
        text: &TextLayer<'p>,
        object: PageObject<'p>,
        index: i32,
        code: char,
        spaced: &mut bool,
    ) {
        if self.last != Some(object) {
            self.last = Some(object);
            let run = self.run(text, object, index);
            self.runs.push(run);
        }
        let run = u32::try_from(self.runs.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.raws.push(Raw { code, index, run, spaced: std::mem::take(spaced) });
    }

    fn run(&mut self, text: &TextLayer<'p>, object: PageObject<'p>, index: i32) -> Run {
        let [a, b, c, d] = text.matrix(index);
        let traits = *self.fonts.entry(object.font_key()).or_insert_with(|| {
            let (name, flags, weight) = object.font();
            FontTraits::of(&name, flags, weight)
        });
        let (along, across) = (a.hypot(b), c.hypot(d));
        let ink = text.tight_box(index);
        let height = if b.abs() > a.abs() { ink.right - ink.left } else { ink.top - ink.bottom };
        let mut size = object.font_size().abs() * across;
        // The fonts of some programs are of size 1 in a space of their own: their ink tells their size.
        if !size.is_finite() || size < 0.6 * height || size <= 0.0 {
            size = (height * 1.2).max(1.0);
        }
        let style = Style {
            size: size.min(2_000.0),
            bold: traits.bold || object.text_mode() == 2,
            italic: traits.italic || (c.abs() > 0.15 * across && b.abs() < 0.01 * along),
            mono: traits.mono,
        };
        let along = if along > 0.0 { (a / along, b / along) } else { (1.0, 0.0) };
        Run { style: self.style(style), along, origin: text.origin(index) }
    }

    /// The number of a style.
    fn style(&mut self, style: Style) -> u16 {
        // Pages have a handful of styles, and the newest is asked for most.
        let known = self.styles.iter().rposition(|known| *known == style);
        let number = known.unwrap_or_else(|| {
            if self.styles.len() < 2_000 {
                self.styles.push(style);
            }
            self.styles.len() - 1
        });
        u16::try_from(number).unwrap_or(0)
    }

    fn into_glyphs(self, text: Option<&TextLayer<'_>>, frame: Frame) -> Glyphs {
        let frame = frame.turned(self.quarter_turns(frame));
        let mut glyphs = Glyphs {
            frame,
            upright: Vec::with_capacity(self.raws.len()),
            aside: Vec::new(),
            styles: self.styles,
            count: self.count,
            broken: self.broken,
            truncated: self.truncated,
        };
        let Some(text) = text else { return glyphs };
        let (width, height) = frame.size();
        let mut aside: Option<(u32, String, Rect)> = None;
        for (at, raw) in self.raws.iter().enumerate() {
            let Some(run) = self.runs.get(raw.run as usize) else { continue };
            let direction = frame.direction(run.along.0, run.along.1);
            if direction.0 < 0.995 {
                let ink = frame.rect(text.tight_box(raw.index));
                lay_aside(&mut aside, &mut glyphs.aside, raw, ink);
                continue;
            }
            let next = self.raws.get(at + 1).filter(|next| next.run == raw.run);
            let size = glyphs.styles.get(usize::from(run.style)).map_or(1.0, |style| style.size);
            let (x0, x1, base) = place(text, frame, run, raw, next, size);
            let is_seen = x1 > -1.0 && x0 < width + 1.0 && base > -1.0 && base < height + size;
            if is_seen && x0.is_finite() && x1.is_finite() {
                let x1 = x1.max(x0);
                let Raw { code, run: number, spaced, .. } = *raw;
                glyphs.upright.push(Glyph { code, x0, x1, base, style: run.style, run: number, spaced });
            }
        }
        glyphs.aside.extend(aside.map(|(_, line, bounds)| (line, bounds)));
        glyphs
    }

    /// The quarter turns clockwise after which most of the text stands upright.
    fn quarter_turns(&self, frame: Frame) -> u8 {
        let mut counts = [0_u32; 4];
        for raw in &self.raws {
            let Some(run) = self.runs.get(raw.run as usize) else { continue };
            let direction = frame.direction(run.along.0, run.along.1);
            let quarter = match direction {
                (x, _) if x > 0.9 => 0,
                (_, y) if y < -0.9 => 1,
                (x, _) if x < -0.9 => 2,
                (_, y) if y > 0.9 => 3,
                _ => continue,
            };
            counts[quarter] += 1;
        }
        let [upright, ..] = counts;
        let most = (1..4_u8).max_by_key(|&turns| counts.get(usize::from(turns))).unwrap_or(0);
        // Labels along an axis do not turn a page; a page of them does.
        if counts.get(usize::from(most)).is_some_and(|&count| count > 2 * upright) { most } else { 0 }
    }
}

/// Left edge, right edge and baseline of a character, as it is read.
fn place(
    text: &TextLayer<'_>,
    frame: Frame,
    run: &Run,
    raw: &Raw,
    next: Option<&Raw>,
    size: f32,
) -> (f32, f32, f32) {
    if run.along.0 > 0.995 {
        let bounds = text.loose_box(raw.index);
        let (x0, base) = frame.point(bounds.left, run.origin.1);
        let (x1, _) = frame.point(bounds.right, run.origin.1);
        return (x0, x1, base);
    }
    // Of a text that is turned with its page, PDFium tells no advance: the next character does, or its own ink.
    let point = |index| {
        let (x, y) = text.origin(index);
        frame.point(x, y)
    };
    let (x0, base) = point(raw.index);
    let ink = frame.rect(text.tight_box(raw.index)).x1 + 0.12 * size;
    let x1 = next.map(|next| point(next.index).0).filter(|&x| x > x0).map_or(ink, |x| x.min(ink));
    (x0, x1, base)
}

/// Adds a character that does not stand upright to the line of its text object.
fn lay_aside(line: &mut Option<(u32, String, Rect)>, lines: &mut Vec<(String, Rect)>, raw: &Raw, ink: Rect) {
    use super::geometry::Area;
    match line {
        Some((run, text, bounds)) if *run == raw.run => {
            if raw.spaced {
                text.push(' ');
            }
            text.push(raw.code);
            *bounds = bounds.around(&ink);
        }
        _ => {
            let done = line.replace((raw.run, raw.code.to_string(), ink));
            lines.extend(done.map(|(_, text, bounds)| (text, bounds)));
        }
    }
}

/// The box of a line of characters between two edges on a baseline.
pub fn line_box(x0: f32, x1: f32, base: f32, size: f32) -> Rect {
    Rect { x0, y0: base - ASCENT * size, x1, y1: base + DESCENT * size }
}
