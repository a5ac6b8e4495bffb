//! What is done to a picture before it is read? It becomes dark on light, upright, straight, and large enough.

use super::super::error::ReadError;
use super::ink::{Ink, Pieces};
use super::leptonica::{Shapes, shapes, skew};
use super::picture::{Gray, Picture};
use super::rotate::Turn;
use super::tesseract::PixelBox;

/// Pages of which more than this is ink are light on dark.
const MOSTLY_INK: f32 = 0.55;
/// A picture with more grain than this has no lines to be found, and looking for them takes minutes.
const MOST_GRAIN: f32 = 0.1;
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
    /// Whether it is noise or a pattern, even after it was smoothed.
    pub is_grain: bool,
    /// Quarters of a circle, clockwise.
    pub quarters: u8,
    /// Degrees, clockwise, after the quarters.
    pub skew: f32,
    /// How many times as large it became, before the skew was mended.
    scale: f32,
    turn: Option<Turn>,
}

impl Prepared {
    /// Prepares `picture`; `judge` tells the quarters that make it upright where the shapes of its letters do not.
    pub(super) fn new(
        picture: &Picture,
        judge: impl FnOnce(&Gray) -> Result<u8, ReadError>,
    ) -> Result<Self, ReadError> {
        let (gray, ink, smoothed) = smoothed(dark_on_light(picture.gray()));
        if ink.grain() > MOST_GRAIN {
            let pieces = Pieces::default();
            return Ok(Self {
                gray,
                pieces,
                is_grain: true,
                quarters: 0,
                skew: 0.0,
                scale: smoothed,
                turn: None,
            });
        }
        let mut pieces = ink.pieces();
        let (mut gray, mut ink, enlarged) = enlarged(gray, ink, &pieces);
        pieces.letter_height *= enlarged;
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
        Ok(Self { gray, pieces, is_grain: false, quarters, skew, scale: smoothed * enlarged, turn })
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

/// Light letters on dark become dark ones on light.
fn dark_on_light(gray: Gray) -> Gray {
    if Ink::of(&gray).share() > MOSTLY_INK { gray.inverted() } else { gray }
}

/// A picture of a screen's dots or of noise becomes smooth when it is made smaller; by how many times it was.
fn smoothed(mut gray: Gray) -> (Gray, Ink, f32) {
    const TRIES: i32 = 2;
    let mut ink = Ink::of(&gray);
    let mut tries = 0;
    while tries < TRIES && ink.grain() > MOST_GRAIN {
        gray = gray.scaled(0.5);
        ink = Ink::of(&gray);
        tries += 1;
    }
    (gray, ink, 0.5_f32.powi(tries))
}

/// The picture with letters of a fit size; how many times as large it became.
fn enlarged(gray: Gray, ink: Ink, pieces: &Pieces) -> (Gray, Ink, f32) {
    const WORTH_IT: f32 = 0.05;
    let scale = scale(pieces, &gray);
    if (scale - 1.0).abs() <= WORTH_IT {
        return (gray, ink, 1.0);
    }
    let gray = gray.scaled(scale);
    let ink = Ink::of(&gray);
    (gray, ink, scale)
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

#[cfg(test)]
mod tests {
    use super::super::picture::Samples;
    use super::*;

    fn picture(width: u32, height: u32, value: impl Fn(u32, u32) -> u8) -> Picture {
        let samples = (0..width * height).map(|at| value(at % width, at / width)).collect();
        Picture::new(width, height, Samples::Gray(samples), None).unwrap()
    }

    #[test]
    fn noise_is_not_worth_a_look() {
        let noise = |x: u32, y: u32| {
            (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519))
                .wrapping_mul(3_266_489_917)
                .to_be_bytes()[1]
        };
        let prepared = Prepared::new(&picture(300, 300, noise), |_| Ok(0)).unwrap();
        assert!(prepared.is_grain);
    }

    #[test]
    fn small_letters_are_enlarged_and_found_where_they_were() {
        // Bars of 6 × 6 pixels.
        let bars = |x: u32, y: u32| if x % 10 < 6 && y % 20 < 6 && x < 150 { 0 } else { 255 };
        let prepared = Prepared::new(&picture(200, 200, bars), |_| Ok(0)).unwrap();
        assert!(prepared.gray.width > 300, "{}", prepared.gray.width);
        let [x0, .., x1, y1] = prepared.place(PixelBox { x0: 0, y0: 0, x1: 400, y1: 400 });
        assert!(x0.abs() < 12.0 && (x1 - 200.0).abs() < 12.0 && (y1 - 200.0).abs() < 12.0);
    }

    #[test]
    fn the_shapes_decide_only_when_they_are_sure() {
        assert_eq!(quarters(Shapes { up: 20.0, left: 1.0 }), Some(0));
        assert_eq!(quarters(Shapes { up: -20.0, left: 1.0 }), Some(2));
        assert_eq!(quarters(Shapes { up: 0.5, left: 15.0 }), Some(1));
        assert_eq!(quarters(Shapes { up: 5.0, left: 1.0 }), None);
        assert_eq!(quarters(Shapes { up: 12.0, left: 11.0 }), None);
    }

    #[test]
    fn light_on_dark_is_turned_into_dark_on_light() {
        let gray = dark_on_light(picture(10, 10, |x, y| if x == y { 255 } else { 0 }).gray());
        assert_eq!((gray.pixels[0], gray.pixels[1]), (0, 255));
    }
}
