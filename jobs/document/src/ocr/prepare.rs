//! What is done to a picture before it is read? It becomes dark on light, upright, straight, and large enough.

use super::super::error::ReadError;
use super::ink::{Ink, Pieces};
use super::leptonica::{Shapes, shapes, skew};
use super::picture::{Gray, Picture};
use super::rotate::Turn;
use super::tesseract::PixelBox;

/// Pages of which more than this is ink are light on dark.
const MOSTLY_INK: f32 = 0.55;
/// Letters lower than this, in pixels, are enlarged to it.
const LEAST_HEIGHT: f32 = 12.0;
/// Letters higher than this are made smaller.
const MOST_HEIGHT: f32 = 30.0;
/// A skew below this, in degrees, harms no line.
const HARMLESS_SKEW: f32 = 0.15;
/// How sure leptonica has to be of a skew.
const SURE_OF_SKEW: f32 = 3.0;

/// A picture that is ready to be read, and how it came to be.
#[derive(Debug)]
pub(super) struct Prepared {
    pub gray: Gray,
    pub pieces: Pieces,
    /// Quarters of a circle, clockwise.
    pub quarters: u8,
    /// Degrees, clockwise, after the quarters.
    pub skew: f32,
    /// How many times it was enlarged, before the skew was mended.
    scale: f32,
    turn: Option<Turn>,
}

impl Prepared {
    /// Prepares `picture`; `judge` tells the quarters that make it upright where the shapes of its letters do not.
    pub(super) fn new(
        picture: &Picture,
        judge: impl FnOnce(&Gray) -> Result<u8, ReadError>,
    ) -> Result<Self, ReadError> {
        let mut gray = picture.gray();
        let mut ink = Ink::of(&gray);
        if ink.share() > MOSTLY_INK {
            gray = gray.inverted();
            ink = Ink::of(&gray);
        }
        let mut pieces = ink.pieces();
        let scale = scale(&pieces, &gray);
        if (scale - 1.0).abs() > 0.05 {
            gray = gray.scaled(scale);
            ink = Ink::of(&gray);
            pieces.letter_height *= scale;
        }
        let scale = if (scale - 1.0).abs() > 0.05 { scale } else { 1.0 };
        let quarters = match shapes(&ink)?.and_then(quarters) {
            Some(quarters) => quarters,
            None if pieces.letters == 0 => 0,
            None => judge(&gray)?,
        };
        if quarters != 0 {
            gray = gray.turned(quarters);
            ink = Ink::of(&gray);
        }
        let skew = skew(&ink)?
            .filter(|(degrees, sure)| degrees.abs() >= HARMLESS_SKEW && *sure >= SURE_OF_SKEW)
            .map_or(0.0, |(degrees, _)| degrees);
        let turn = (skew != 0.0).then(|| Turn::new(skew, (gray.width, gray.height)));
        if let Some(turn) = &turn {
            gray = turn.apply(&gray);
        }
        Ok(Self { gray, pieces, quarters, skew, scale, turn })
    }

    /// Where a box of the prepared picture is in the one that was given, turned by the quarters; in pixels.
    pub(super) fn place(&self, b: PixelBox) -> [f32; 4] {
        let corners = [(b.x0, b.y0), (b.x1, b.y0), (b.x0, b.y1), (b.x1, b.y1)];
        let corners = corners.map(|(x, y)| {
            let point = (x as f32, y as f32);
            let (x, y) = self.turn.map_or(point, |turn| turn.back(point));
            (x / self.scale, y / self.scale)
        });
        corners.into_iter().fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |b, (x, y)| {
            [b[0].min(x), b[1].min(y), b[2].max(x), b[3].max(y)]
        })
    }
}

/// How many times as large the letters should be.
fn scale(pieces: &Pieces, gray: &Gray) -> f32 {
    const MOST_PIXELS: f32 = 60e6;
    if pieces.letters < 5 {
        return 1.0;
    }
    let wanted = pieces.letter_height.clamp(LEAST_HEIGHT, MOST_HEIGHT) / pieces.letter_height;
    let pixels = (gray.width * gray.height) as f32;
    wanted.min(4.0).min((MOST_PIXELS / pixels).sqrt().max(1.0))
}

/// The turn that makes a page upright, when the shapes are sure of it.
fn quarters(shapes: Shapes) -> Option<u8> {
    // Leptonica's own least score and ratio for a decision.
    const SURE: f32 = 8.0;
    const CLEAR: f32 = 2.5;
    let (up, left) = (shapes.up.abs(), shapes.left.abs());
    if up > SURE && up > CLEAR * left {
        Some(if shapes.up > 0.0 { 0 } else { 2 })
    } else if left > SURE && left > CLEAR * up {
        Some(if shapes.left > 0.0 { 1 } else { 3 })
    } else {
        None
    }
}
