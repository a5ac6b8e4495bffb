//! How is a file with one picture decoded?

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::super::super::error::ReadError;
use super::super::picture::{Picture, Samples};
use super::{check_pixels, resolution};

/// Refuses a picture that is too large, by its header.
pub(super) fn check_size(bytes: &[u8], format: ImageFormat, pixels: u64) -> Result<(), ReadError> {
    let (width, height) = decoder(bytes, format, pixels)?.dimensions();
    check_pixels(width, height, pixels)
}

/// Whether a viewer shows the pixels as they are stored.
pub(super) fn is_upright(bytes: &[u8]) -> bool {
    decoder(bytes, ImageFormat::Jpeg, u64::MAX)
        .and_then(|mut decoder| decoder.orientation().map_err(malformed))
        .is_ok_and(|orientation| orientation == Orientation::NoTransforms)
}

/// The picture; of an animation, the first one.
pub(super) fn decode(bytes: &[u8], format: ImageFormat, pixels: u64) -> Result<Picture, ReadError> {
    let mut decoder = decoder(bytes, format, pixels)?;
    let (width, height) = decoder.dimensions();
    check_pixels(width, height, pixels)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(malformed)?;
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width(), picture.height());
    let dpi = resolution::of(bytes, format);
    Picture::new(width, height, samples(picture), dpi)
}

fn decoder(bytes: &[u8], format: ImageFormat, pixels: u64) -> Result<impl ImageDecoder, ReadError> {
    let mut limits = Limits::default();
    // Sixteen bits for each of four channels, and as much again for the decoder.
    limits.max_alloc = Some(pixels.saturating_mul(16).max(64 << 20));
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader.into_decoder().map_err(malformed)
}

fn malformed(error: image::ImageError) -> ReadError {
    match error {
        image::ImageError::Limits(_) => ReadError::too_large("the picture is too large to decode"),
        error => ReadError::malformed(format!("the picture cannot be decoded: {error}")),
    }
}

/// Eight bits a channel, on white paper; gray where no pixel has a colour.
fn samples(picture: DynamicImage) -> Samples {
    if picture.color().has_alpha() {
        let rgba = picture.into_rgba8();
        return gray_if_gray(
            rgba.as_raw().as_chunks::<4>().0.iter().flat_map(|rgba| on_white(*rgba)).collect(),
        );
    }
    if !picture.color().has_color() {
        return Samples::Gray(picture.into_luma8().into_raw());
    }
    gray_if_gray(picture.into_rgb8().into_raw())
}

fn on_white([r, g, b, alpha]: [u8; 4]) -> [u8; 3] {
    let alpha = u32::from(alpha);
    [r, g, b].map(|value| {
        let mixed = (u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    })
}

/// Coloured samples as gray ones, where no pixel is coloured.
pub(super) fn gray_if_gray(rgb: Vec<u8>) -> Samples {
    let (pixels, _) = rgb.as_chunks::<3>();
    if pixels.iter().all(|[r, g, b]| r == g && g == b) {
        Samples::Gray(pixels.iter().map(|[r, ..]| *r).collect())
    } else {
        Samples::Rgb(rgb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_transparent_is_white_paper() {
        assert_eq!(on_white([0, 0, 0, 0]), [255; 3]);
        assert_eq!(on_white([10, 20, 30, 255]), [10, 20, 30]);
        assert_eq!(on_white([0, 0, 0, 128]), [127; 3]);
    }

    #[test]
    fn one_coloured_pixel_makes_a_coloured_picture() {
        assert_eq!(gray_if_gray(vec![7, 7, 7, 9, 9, 9]), Samples::Gray(vec![7, 9]));
        assert_eq!(gray_if_gray(vec![7, 7, 7, 9, 9, 8]), Samples::Rgb(vec![7, 7, 7, 9, 9, 8]));
    }
}
