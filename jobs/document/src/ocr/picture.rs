//! What is a picture here? Gray or coloured pixels with a resolution, and the gray that text is read from.

use super::super::error::ReadError;
use super::resample::resample;

/// The pixels of a picture, line by line from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Samples {
    /// One byte a pixel; 0 is black.
    Gray(Vec<u8>),
    /// Three bytes a pixel.
    Rgb(Vec<u8>),
}

/// A picture of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    width: u32,
    height: u32,
    samples: Samples,
    dpi: Option<f32>,
}

impl Picture {
    /// A picture of `width` × `height` pixels; `dpi` is its resolution where that is known.
    ///
    /// # Errors
    /// When the number of samples is another one, or there is no pixel.
    pub fn new(width: u32, height: u32, samples: Samples, dpi: Option<f32>) -> Result<Self, ReadError> {
        let (bytes, each) = match &samples {
            Samples::Gray(bytes) => (bytes.len(), 1),
            Samples::Rgb(bytes) => (bytes.len(), 3),
        };
        let wanted = u64::from(width) * u64::from(height) * each;
        if wanted == 0 || u64::try_from(bytes) != Ok(wanted) {
            return Err(ReadError::malformed(format!("a picture of {width} × {height} has {bytes} bytes")));
        }
        let dpi = dpi.filter(|dpi| (1.0..=10_000.0).contains(dpi));
        Ok(Self { width, height, samples, dpi })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Its pixels.
    #[must_use]
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// How many points (1/72 inch) a pixel is wide; 1 where the resolution is not known.
    #[must_use]
    pub fn points_per_pixel(&self) -> f32 {
        self.dpi.map_or(1.0, |dpi| 72.0 / dpi)
    }

    /// The same picture, made smaller or larger to `width` pixels.
    #[must_use]
    pub fn resized(&self, width: u32) -> Self {
        let height = u64::from(self.height) * u64::from(width) / u64::from(self.width);
        let (width, height) = (width.max(1), u32::try_from(height.max(1)).unwrap_or(u32::MAX));
        let from = (self.width as usize, self.height as usize);
        let to = (width as usize, height as usize);
        let samples = match &self.samples {
            Samples::Gray(bytes) => Samples::Gray(resample::<1>(bytes, from, to)),
            Samples::Rgb(bytes) => Samples::Rgb(resample::<3>(bytes, from, to)),
        };
        let dpi = self.dpi.map(|dpi| dpi * width as f32 / self.width as f32);
        Self { width, height, samples, dpi }
    }

    /// The same picture with one byte a pixel, where none of its pixels has a colour.
    #[must_use]
    pub fn without_colour(&self) -> Option<Self> {
        let Samples::Rgb(bytes) = &self.samples else { return None };
        let pixels = &bytes.as_chunks::<3>().0;
        let gray = pixels.iter().all(|[r, g, b]| r == g && g == b);
        gray.then(|| Self { samples: Samples::Gray(pixels.iter().map(|[r, ..]| *r).collect()), ..*self })
    }

    /// Its brightness.
    pub(super) fn gray(&self) -> Gray {
        let pixels = match &self.samples {
            Samples::Gray(bytes) => bytes.clone(),
            Samples::Rgb(bytes) => bytes.as_chunks::<3>().0.iter().map(|rgb| luma(*rgb)).collect(),
        };
        Gray { width: self.width as usize, height: self.height as usize, pixels }
    }
}

/// Brightness by the weights of ITU-R BT.601, in 1/256.
pub(super) fn luma([r, g, b]: [u8; 3]) -> u8 {
    let sum = 77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b);
    u8::try_from(sum >> 8).unwrap_or(u8::MAX)
}

/// A gray picture that is worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gray {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Gray {
    /// Turned clockwise by `quarters` of a circle.
    pub(super) fn turned(self, quarters: u8) -> Self {
        let pixels = turn(self.pixels, self.width, self.height, quarters);
        let (width, height) =
            if quarters % 2 == 1 { (self.height, self.width) } else { (self.width, self.height) };
        Self { width, height, pixels }
    }

    /// White becomes black.
    pub(super) fn inverted(mut self) -> Self {
        self.pixels.iter_mut().for_each(|pixel| *pixel = 255 - *pixel);
        self
    }

    /// `factor` times as large, at least a pixel.
    pub(super) fn scaled(&self, factor: f32) -> Self {
        let size = |pixels: usize| (pixels as f32 * factor).round().clamp(1.0, 65_000.0) as usize;
        let (width, height) = (size(self.width), size(self.height));
        let pixels = resample::<1>(&self.pixels, (self.width, self.height), (width, height));
        Self { width, height, pixels }
    }
}

/// Pixels, turned clockwise by `quarters`. Goes through the picture by squares, so that a quarter turn
/// stays in the cache.
fn turn(mut bytes: Vec<u8>, width: usize, height: usize, quarters: u8) -> Vec<u8> {
    const SQUARE: usize = 32;
    match quarters % 4 {
        0 => bytes,
        2 => {
            bytes.reverse();
            bytes
        }
        quarters => {
            let mut turned = vec![0; bytes.len()];
            for top in (0..height).step_by(SQUARE) {
                for left in (0..width).step_by(SQUARE) {
                    for y in top..(top + SQUARE).min(height) {
                        for x in left..(left + SQUARE).min(width) {
                            let at = if quarters == 1 {
                                x * height + (height - 1 - y)
                            } else {
                                (width - 1 - x) * height + y
                            };
                            if let (Some(to), Some(from)) = (turned.get_mut(at), bytes.get(y * width + x)) {
                                *to = *from;
                            }
                        }
                    }
                }
            }
            turned
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Picture {
        Picture::new(3, 2, Samples::Gray(vec![1, 2, 3, 4, 5, 6]), Some(200.0)).unwrap()
    }

    #[test]
    fn a_quarter_turn_brings_the_lower_left_corner_to_the_top() {
        let turned = numbers().gray().turned(1);
        assert_eq!((turned.width, turned.height), (2, 3));
        assert_eq!(turned.pixels, [4, 1, 5, 2, 6, 3]);
    }

    #[test]
    fn turns_that_make_a_circle_change_nothing() {
        let pixels = (0..70 * 41).map(|n| (n % 251) as u8).collect();
        let wide = Gray { width: 70, height: 41, pixels };
        assert_eq!(wide.clone().turned(1).turned(3), wide);
        assert_eq!(wide.clone().turned(2).turned(1).turned(1), wide);
    }

    #[test]
    fn a_picture_with_missing_pixels_is_refused() {
        assert_eq!(
            Picture::new(3, 2, Samples::Rgb(vec![0; 17]), None).unwrap_err().code,
            "malformed_document"
        );
        assert!(Picture::new(0, 2, Samples::Gray(vec![]), None).is_err());
    }

    #[test]
    fn white_stays_white_when_colours_become_gray() {
        assert_eq!(luma([255, 255, 255]), 255);
        assert_eq!(luma([0, 0, 0]), 0);
    }
}
