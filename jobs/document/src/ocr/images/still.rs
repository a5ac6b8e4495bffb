//! How is a file with one picture decoded?

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::super::super::error::ReadError;
use super::super::picture::{Picture, Samples};
use super::tiff::turned;
use super::{check_pixels, resolution};

/// Bytes of a decoded picture for each pixel that may be: four channels of eight bits, or fewer pixels of sixteen.
pub(super) const BYTES: u64 = 4;

/// Refuses a picture that is too large, by its header.
pub(super) fn check_size(bytes: &[u8], format: ImageFormat, pixels: u64) -> Result<(), ReadError> {
    check(&decoder(bytes, format, pixels)?, pixels)
}

fn check(decoder: &impl ImageDecoder, pixels: u64) -> Result<(), ReadError> {
    let (width, height) = decoder.dimensions();
    check_pixels(width, height, pixels)?;
    let (decoded, most) = (decoder.total_bytes(), pixels.saturating_mul(BYTES));
    if decoded > most {
        return Err(ReadError::too_large(format!(
            "the picture of {width} × {height} pixels has {decoded} bytes when it is decoded; {most} are allowed"
        )));
    }
    Ok(())
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
    check(&decoder, pixels)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(malformed)?;
    let (width, height) = (picture.width(), picture.height());
    // It is turned once it is small.
    let (width, height, samples) = turned(width, height, samples(picture), orientation)?;
    Picture::new(width, height, samples, resolution::of(bytes, format))
}

fn decoder(bytes: &[u8], format: ImageFormat, pixels: u64) -> Result<impl ImageDecoder, ReadError> {
    let mut limits = Limits::default();
    // The picture, and as much again for the decoder.
    limits.max_alloc = Some(pixels.saturating_mul(2 * BYTES).max(64 << 20));
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
        return gray_if_gray(three_of_four(picture.into_rgba8().into_raw(), on_white));
    }
    if !picture.color().has_color() {
        return Samples::Gray(picture.into_luma8().into_raw());
    }
    gray_if_gray(picture.into_rgb8().into_raw())
}

/// Three channels of four, in the memory where these are: a large picture is not there twice.
pub(super) fn three_of_four(mut samples: Vec<u8>, pixel: impl Fn([u8; 4]) -> [u8; 3]) -> Vec<u8> {
    let pixels = samples.len() / 4;
    for at in 0..pixels {
        let Some(four) = samples.get(at * 4..).and_then(<[u8]>::first_chunk::<4>).copied() else { break };
        if let Some(place) = samples.get_mut(at * 3..).and_then(<[u8]>::first_chunk_mut::<3>) {
            *place = pixel(four);
        }
    }
    samples.truncate(pixels * 3);
    samples
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
    fn a_picture_of_sixteen_bits_may_have_half_as_many_pixels() {
        let picture =
            DynamicImage::ImageRgba16(image::ImageBuffer::from_pixel(10, 10, image::Rgba([1_u16; 4])));
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        let bytes = bytes.into_inner();
        assert_eq!(check_size(&bytes, ImageFormat::Png, 199).unwrap_err().code, "document_too_large");
        assert_eq!(decode(&bytes, ImageFormat::Png, 199).unwrap_err().code, "document_too_large");
        assert_eq!(decode(&bytes, ImageFormat::Png, 200).unwrap().samples(), &Samples::Gray(vec![255; 100]));
    }

    #[test]
    fn channels_are_taken_in_place() {
        assert_eq!(three_of_four(vec![1, 2, 3, 4, 5, 6, 7, 8], |[r, g, b, _]| [r, g, b]), [1, 2, 3, 5, 6, 7]);
    }

    #[test]
    fn one_coloured_pixel_makes_a_coloured_picture() {
        assert_eq!(gray_if_gray(vec![7, 7, 7, 9, 9, 9]), Samples::Gray(vec![7, 9]));
        assert_eq!(gray_if_gray(vec![7, 7, 7, 9, 9, 8]), Samples::Rgb(vec![7, 7, 7, 9, 9, 8]));
    }
}
