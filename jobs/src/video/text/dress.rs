//! What is under and around letters? Box, shadow and outline, laid one over the other.

use super::effects::{Mask, rounded_box};
use super::style::Look;
use crate::video::picture::Colour;

/// A block of letters, before box, outline and shadow.
pub struct Block {
    /// Coverage of the letters.
    pub letters: Mask,
    /// Straight RGBA of colour glyphs, where there are any.
    pub coloured: Vec<u8>,
}

/// Puts the block over its outline, shadow and box; the result is straight RGBA.
///
/// Row by row, so that only the masks and the result are held for the whole block.
pub fn dressed(block: &Block, size: (usize, usize), padding: f64, inner: (f64, f64), look: &Look) -> Vec<u8> {
    let solid = block.solid();
    let outlined = look.outline.map(|outline| (solid.grown(outline.width), outline.colour));
    let edge = outlined.as_ref().map_or(&solid, |(mask, _)| mask);
    let cast = look.shadow.map(|shadow| (edge.blurred(shadow.blur), shadow));
    let mut rgba = Vec::with_capacity(size.0 * size.1 * 4);
    let mut row = Row(vec![[0.0; 4]; size.0]);
    for y in 0..size.1 {
        row.0.fill([0.0; 4]);
        if let Some(background) = look.background {
            let (width, height) = (inner.0 + 2.0 * background.padding, inner.1 + 2.0 * background.padding);
            let corner = padding - background.padding;
            let middle = y as f64 + 0.5 - corner;
            row.lay(background.colour, |x| {
                rounded_box(x as f64 + 0.5 - corner, middle, width, height, background.radius)
            });
        }
        if let Some((mask, shadow)) = &cast {
            let (dx, dy) = (shadow.shift.0.round() as isize, shadow.shift.1.round() as isize);
            row.lay(shadow.colour, |x| mask.at(x as isize - dx, y as isize - dy));
        }
        if let Some((mask, colour)) = &outlined {
            row.lay(*colour, |x| mask.at(x as isize, y as isize));
        }
        row.lay(look.colour, |x| block.letters.at(x as isize, y as isize));
        if !block.coloured.is_empty() {
            row.lay_pixels(&block.coloured[y * size.0 * 4..(y + 1) * size.0 * 4]);
        }
        row.write(&mut rgba);
    }
    rgba
}

impl Block {
    /// Letters and colour glyphs as one mask.
    fn solid(&self) -> Mask {
        let mut mask = self.letters.clone();
        for (target, pixel) in mask.data.iter_mut().zip(self.coloured.chunks_exact(4)) {
            *target = (*target).max(pixel[3]);
        }
        mask
    }
}

impl Mask {
    /// Coverage at a place, 0 to 1; nothing outside.
    fn at(&self, x: isize, y: isize) -> f64 {
        if x < 0 || y < 0 || x >= self.width as isize || y >= self.height as isize {
            return 0.0;
        }
        f64::from(self.data[y as usize * self.width + x as usize]) / 255.0
    }
}

/// A row of premultiplied RGBA in the making.
struct Row(Vec<[f32; 4]>);

impl Row {
    /// Lays a colour over what is there, as far as `coverage` says.
    fn lay(&mut self, colour: Colour, coverage: impl Fn(usize) -> f64) {
        let channels = [colour.r, colour.g, colour.b].map(|channel| f32::from(channel) / 255.0);
        for (x, pixel) in self.0.iter_mut().enumerate() {
            over(pixel, channels, coverage(x) as f32 * f32::from(colour.a) / 255.0);
        }
    }

    fn lay_pixels(&mut self, pixels: &[u8]) {
        for (pixel, new) in self.0.iter_mut().zip(pixels.chunks_exact(4)) {
            let channels = [new[0], new[1], new[2]].map(|channel| f32::from(channel) / 255.0);
            over(pixel, channels, f32::from(new[3]) / 255.0);
        }
    }

    /// Appends the row as straight RGBA.
    fn write(&self, rgba: &mut Vec<u8>) {
        let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
        for &[r, g, b, a] in &self.0 {
            let straight = |channel: f32| if a > 0.0 { byte(channel / a) } else { 0 };
            rgba.extend([straight(r), straight(g), straight(b), byte(a)]);
        }
    }
}

fn over(pixel: &mut [f32; 4], colour: [f32; 3], alpha: f32) {
    if alpha <= 0.0 {
        return;
    }
    for (below, channel) in pixel.iter_mut().zip(colour.into_iter().chain([1.0])) {
        *below = channel * alpha + *below * (1.0 - alpha);
    }
}
