//! What is drawn on? A [`Canvas`]: one frame in the making, always opaque.

use super::blend;
use super::colour::Yuv;
use super::plane::{Plane, Yuva};
use super::rect::Rect;
use super::sample::Sampler;
use super::shape::Shape;

/// One frame: YUV 4:2:0, BT.709, limited range; width and height are even.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canvas {
    /// Luma.
    pub y: Plane,
    /// Blue difference.
    pub u: Plane,
    /// Red difference.
    pub v: Plane,
    scratch: (Vec<u8>, Vec<u8>),
}

/// One picture to draw.
#[derive(Debug, Clone, Copy)]
pub struct Paint<'a> {
    /// The picture.
    pub picture: &'a Yuva,
    /// Which part of it, in its pixels.
    pub source: Rect,
    /// Where on the canvas, in pixels.
    pub target: Rect,
    /// Opacity, 0 to 1.
    pub opacity: f64,
    /// A colour that the picture is drawn towards, and how far, 0 to 1.
    pub tint: Option<(Yuv, f64)>,
}

impl Paint<'_> {
    /// Whether nothing of what lies below can be seen.
    #[must_use]
    pub fn hides(&self, width: usize, height: usize) -> bool {
        self.picture.alpha.is_none() && byte(self.opacity) == 255 && self.target.covers(width, height)
    }
}

fn byte(fraction: f64) -> u8 {
    (fraction.clamp(0.0, 1.0) * 255.0).round() as u8
}

impl Canvas {
    /// A black canvas.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        let black = Yuva::black(width, height);
        Self { y: black.y, u: black.u, v: black.v, scratch: (vec![0; width], vec![255; width]) }
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.y.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.y.height
    }

    /// One colour everywhere.
    pub fn fill(&mut self, colour: Yuv) {
        self.y.data.fill(colour.y);
        self.u.data.fill(colour.u);
        self.v.data.fill(colour.v);
    }

    /// Takes over the pixels of another canvas of the same size.
    pub fn copy_from(&mut self, other: &Self) {
        self.y.data.copy_from_slice(&other.y.data);
        self.u.data.copy_from_slice(&other.u.data);
        self.v.data.copy_from_slice(&other.v.data);
    }

    /// Draws one picture over what is there.
    pub fn draw(&mut self, paint: &Paint<'_>) {
        if byte(paint.opacity) == 0 {
            return;
        }
        let (full, half) = match &paint.picture.alpha {
            Some((full, half)) => (Some(full), Some(half)),
            None => (None, None),
        };
        let tint = |pick: fn(Yuv) -> u8| paint.tint.map(|(colour, amount)| (pick(colour), byte(amount)));
        let picture = paint.picture;
        let scratch = &mut self.scratch;
        draw_plane(&mut self.y, (&picture.y, full), paint, 1.0, tint(|colour| colour.y), scratch);
        draw_plane(&mut self.u, (&picture.u, half), paint, 0.5, tint(|colour| colour.u), scratch);
        draw_plane(&mut self.v, (&picture.v, half), paint, 0.5, tint(|colour| colour.v), scratch);
    }

    /// Replaces this canvas by `other` inside `shape`.
    pub fn mix(&mut self, other: &Self, shape: &Shape) {
        let mut mask = vec![0; self.y.width];
        let planes =
            [(&mut self.y, &other.y, 1.0), (&mut self.u, &other.u, 2.0), (&mut self.v, &other.v, 2.0)];
        for (plane, other, step) in planes {
            for y in 0..plane.height {
                let mask = &mut mask[..plane.width];
                shape.row((y as f64 + 0.5) * step, step, mask);
                blend::masked(plane.row_mut(y), other.row(y), mask);
            }
        }
    }
}

/// Draws one plane of a picture; `step` is the plane's resolution against luma.
fn draw_plane(
    canvas: &mut Plane,
    (plane, alpha): (&Plane, Option<&Plane>),
    paint: &Paint<'_>,
    step: f64,
    tint: Option<(u8, u8)>,
    scratch: &mut (Vec<u8>, Vec<u8>),
) {
    let (source, target) = (paint.source.times(step), paint.target.times(step));
    let Some(mut sampler) = Sampler::new(plane, source, target, canvas.width, canvas.height) else { return };
    let mut alphas = alpha.and_then(|alpha| Sampler::new(alpha, source, target, canvas.width, canvas.height));
    let columns = sampler.columns.clone();
    let opacity = byte(paint.opacity);
    let simple = alphas.is_none() && sampler.has_whole_edges();
    let samples = &mut scratch.0[..columns.len()];
    let alpha_row = &mut scratch.1[..columns.len()];
    for y in sampler.rows.clone() {
        let below = &mut canvas.row_mut(y)[columns.clone()];
        if simple && opacity == 255 {
            sampler.row(y, below);
            if let Some((value, amount)) = tint {
                blend::tint(below, None, value, amount);
            }
            continue;
        }
        sampler.row(y, samples);
        match &mut alphas {
            Some(alphas) => alphas.row(y, alpha_row),
            None => alpha_row.fill(255),
        }
        if let Some((value, amount)) = tint {
            blend::tint(samples, Some(alpha_row), value, amount);
        }
        if simple {
            blend::cross(below, samples, opacity);
            continue;
        }
        soften_edges(samples, sampler.edges);
        soften_edges(alpha_row, sampler.edges);
        let covered = u16::from(sampler.row_coverage(y)) * u16::from(opacity) / 255;
        blend::over(below, samples, alpha_row, covered as u8);
    }
}

/// A column that is covered in part counts in part, which keeps a moving edge smooth.
fn soften_edges(row: &mut [u8], (first, last): (u8, u8)) {
    let scaled = |sample: u8, part: u8| (u16::from(sample) * u16::from(part) / 255) as u8;
    if let Some(sample) = row.first_mut() {
        *sample = scaled(*sample, first);
    }
    if row.len() > 1
        && let Some(sample) = row.last_mut()
    {
        *sample = scaled(*sample, last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(value: u8, width: usize, height: usize) -> Yuva {
        let mut picture = Yuva::black(width, height);
        picture.y.data.fill(value);
        picture
    }

    fn paint(picture: &Yuva, target: Rect) -> Paint<'_> {
        let source = Rect::sized(picture.width() as f64, picture.height() as f64);
        Paint { picture, source, target, opacity: 1.0, tint: None }
    }

    #[test]
    fn a_picture_lands_where_it_is_put_and_nowhere_else() {
        let picture = flat(200, 4, 4);
        let mut canvas = Canvas::new(16, 16);
        canvas.draw(&paint(&picture, Rect { x: 6.0, y: 2.0, w: 4.0, h: 4.0 }));
        for y in 0..16 {
            for x in 0..16 {
                let inside = (6..10).contains(&x) && (2..6).contains(&y);
                assert_eq!(canvas.y.row(y)[x], if inside { 200 } else { 16 }, "{x},{y}");
            }
        }
    }

    #[test]
    fn a_half_covered_column_is_half_drawn() {
        let picture = flat(216, 4, 4);
        let mut canvas = Canvas::new(16, 16);
        canvas.draw(&paint(&picture, Rect { x: 6.5, y: 2.0, w: 4.0, h: 4.0 }));
        let row = canvas.y.row(4);
        assert!(row[6].abs_diff(116) <= 2 && row[10].abs_diff(116) <= 2, "{row:?}");
        assert_eq!((row[5], row[7], row[11]), (16, 216, 16));
    }

    #[test]
    fn a_picture_larger_than_the_canvas_is_cut() {
        let picture = flat(99, 4, 4);
        let mut canvas = Canvas::new(8, 8);
        let wide = paint(&picture, Rect { x: -20.0, y: -20.0, w: 60.0, h: 60.0 });
        assert!(wide.hides(8, 8));
        canvas.draw(&wide);
        assert!(canvas.y.data.iter().all(|&sample| sample == 99));
    }

    #[test]
    fn mixing_changes_only_what_the_shape_holds() {
        let (mut canvas, mut other) = (Canvas::new(16, 4), Canvas::new(16, 4));
        canvas.fill(Yuv::BLACK);
        other.fill(Yuv::WHITE);
        canvas.mix(&other, &Shape::Everywhere(0.5));
        assert!(canvas.y.data.iter().all(|sample| sample.abs_diff(126) <= 1));
    }
}
