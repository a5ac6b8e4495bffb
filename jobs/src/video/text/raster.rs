//! How do words become a picture? Shaped and broken by cosmic-text, then box, shadow, outline, letters.

use cosmic_text::{Attrs, Buffer, Family, Metrics, Shaping, Style, SwashCache, SwashContent, Weight, Wrap};

use super::dress::{Block, dressed};
use super::effects::Mask;
use super::emoji::stretches;
use super::fonts::{EMOJI, Fonts};
use super::style::Look;
use crate::video::model::Align;
use crate::video::picture::{Yuva, yuva_from_rgba};

/// Sets words; holds the fonts of a job.
pub struct Typesetter {
    fonts: Fonts,
    cache: SwashCache,
}

/// Words as a picture.
pub struct Words {
    /// The picture, tight around what is drawn.
    pub picture: Yuva,
    /// Characters that no installed font has.
    pub missing: Vec<char>,
}

impl Default for Typesetter {
    fn default() -> Self {
        Self::new()
    }
}

/// More lines than the frame can show.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("the words are {height:.0} pixels high, more than {max_height:.0}: write less, or smaller")]
pub struct TooHigh {
    height: f64,
    max_height: f64,
}

impl Typesetter {
    /// Reads the system's fonts.
    #[must_use]
    pub fn new() -> Self {
        Self { fonts: Fonts::load(), cache: SwashCache::new() }
    }

    /// Whether no font is installed at all.
    #[must_use]
    pub fn has_no_fonts(&self) -> bool {
        self.fonts.is_empty()
    }

    /// Whether a family is installed.
    #[must_use]
    pub fn has_family(&self, name: &str) -> bool {
        self.fonts.find(name).is_some()
    }

    /// Sets `text`. The picture is as large as the words with their box and shadow, and even-sized.
    ///
    /// # Errors
    /// When the lines together are higher than `max_height`: then they could not be seen anyway.
    pub fn set(&mut self, text: &str, look: &Look, max_height: f64) -> Result<Words, TooHigh> {
        let buffer = self.shaped(text, look);
        let (left, right, height) = extent(&buffer, look);
        if height > max_height {
            return Err(TooHigh { height, max_height });
        }
        let padding = look.padding();
        let even = |length: f64| ((length / 2.0).ceil() * 2.0).max(2.0) as usize;
        let size = (even(right - left + 2.0 * padding), even(height + 2.0 * padding));
        let mut missing = Vec::new();
        let block = self.drawn(&buffer, text, (padding - left, padding), size, look, &mut missing);
        let inner = (right - left, height);
        let rgba = dressed(&block, size, padding, inner, look);
        missing.sort_unstable();
        missing.dedup();
        Ok(Words { picture: yuva_from_rgba(size.0, size.1, &rgba), missing })
    }

    fn shaped(&mut self, text: &str, look: &Look) -> Buffer {
        let family =
            look.font.as_deref().and_then(|name| self.fonts.find(name)).or_else(|| self.fonts.plain(text));
        let family = family.map(str::to_owned);
        let plain = Attrs::new()
            .family(family.as_deref().map_or(Family::SansSerif, Family::Name))
            .weight(if look.bold { Weight::BOLD } else { Weight::NORMAL })
            .style(if look.italic { Style::Italic } else { Style::Normal });
        let emoji = Attrs::new().family(Family::Name(EMOJI));
        let mut buffer = Buffer::new_empty(Metrics::new(look.size as f32, look.line_height as f32));
        buffer.set_wrap(Wrap::WordOrGlyph);
        buffer.set_size(Some(look.max_width as f32), None);
        let align = match look.align {
            Align::Left => cosmic_text::Align::Left,
            Align::Center => cosmic_text::Align::Center,
            Align::Right => cosmic_text::Align::Right,
        };
        let spans = stretches(text);
        let spans = spans
            .iter()
            .map(|stretch| (stretch.text, if stretch.emoji { emoji.clone() } else { plain.clone() }));
        buffer.set_rich_text(spans, &plain, Shaping::Advanced, Some(align));
        buffer.shape_until_scroll(&mut self.fonts.system, false);
        buffer
    }

    /// Draws the glyphs with the block's corner at `origin`.
    fn drawn(
        &mut self,
        buffer: &Buffer,
        text: &str,
        origin: (f64, f64),
        size: (usize, usize),
        look: &Look,
        missing: &mut Vec<char>,
    ) -> Block {
        let mut block = Block { letters: Mask::new(size.0, size.1), coloured: Vec::new() };
        for run in buffer.layout_runs() {
            for glyph in run.glyphs {
                if glyph.glyph_id == 0 {
                    let unknown = run.text.get(glyph.start..glyph.end).unwrap_or(text);
                    missing.extend(unknown.chars().filter(|c| !c.is_whitespace() && !c.is_control()));
                    continue;
                }
                let physical = glyph.physical((origin.0 as f32, origin.1 as f32), 1.0);
                let baseline = run.line_y.round() as i32;
                let Some(image) = self.cache.get_image(&mut self.fonts.system, physical.cache_key) else {
                    continue;
                };
                let at = (physical.x + image.placement.left, physical.y + baseline - image.placement.top);
                let glyph_size = (image.placement.width as usize, image.placement.height as usize);
                match image.content {
                    SwashContent::Mask => block.add_mask(&image.data, at, glyph_size, 1),
                    SwashContent::SubpixelMask => block.add_mask(&image.data, at, glyph_size, 4),
                    SwashContent::Color => block.add_colour(&image.data, at, glyph_size, size, look),
                }
            }
        }
        block
    }
}

/// Left and right edge of the lines and their height together.
fn extent(buffer: &Buffer, look: &Look) -> (f64, f64, f64) {
    let (mut left, mut right, mut lines) = (f64::MAX, f64::MIN, 0.0);
    for run in buffer.layout_runs() {
        lines += 1.0;
        for glyph in run.glyphs {
            left = left.min(f64::from(glyph.x));
            right = right.max(f64::from(glyph.x + glyph.w));
        }
    }
    if right < left {
        return (0.0, 2.0, look.line_height);
    }
    (left.floor(), right.ceil(), (lines * look.line_height).ceil())
}

impl Block {
    fn add_mask(&mut self, data: &[u8], at: (i32, i32), size: (usize, usize), channels: usize) {
        each_pixel(at, size, (self.letters.width, self.letters.height), |from, to| {
            let value = data.get(from * channels).copied().unwrap_or(0);
            let target = &mut self.letters.data[to];
            *target = target.saturating_add(value);
        });
    }

    fn add_colour(
        &mut self,
        data: &[u8],
        at: (i32, i32),
        size: (usize, usize),
        frame: (usize, usize),
        look: &Look,
    ) {
        if self.coloured.is_empty() {
            self.coloured = vec![0; frame.0 * frame.1 * 4];
        }
        each_pixel(at, size, frame, |from, to| {
            if let Some(pixel) = data.get(from * 4..from * 4 + 4) {
                let pixel = [
                    pixel[0],
                    pixel[1],
                    pixel[2],
                    (u16::from(pixel[3]) * u16::from(look.colour.a) / 255) as u8,
                ];
                if pixel[3] > self.coloured[to * 4 + 3] {
                    self.coloured[to * 4..to * 4 + 4].copy_from_slice(&pixel);
                }
            }
        });
    }
}

/// Calls `put` with the index of each glyph pixel and that of the frame pixel under it.
fn each_pixel(
    at: (i32, i32),
    size: (usize, usize),
    frame: (usize, usize),
    mut put: impl FnMut(usize, usize),
) {
    for y in 0..size.1 {
        let Ok(to_y) = usize::try_from(at.1 as i64 + y as i64) else { continue };
        for x in 0..size.0 {
            let Ok(to_x) = usize::try_from(at.0 as i64 + x as i64) else { continue };
            if to_x < frame.0 && to_y < frame.1 {
                put(y * size.0 + x, to_y * frame.0 + to_x);
            }
        }
    }
}
