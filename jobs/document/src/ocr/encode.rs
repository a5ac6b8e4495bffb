//! How is the picture of a page written? As WebP, PNG or JPEG, no wider than it was asked for.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::super::error::ReadError;
use super::picture::{Picture, Samples};
use super::webp;

/// A format for pictures of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// Every pixel is kept.
    Png,
    /// With a quality from 1 to 100.
    Jpeg(u8),
    /// With a quality from 1 to 100.
    WebP(u8),
}

/// `picture` in `format`, made smaller to `width` pixels where it is wider.
///
/// # Errors
/// When the format does not take a picture so large.
pub fn encode(picture: &Picture, format: PictureFormat, width: Option<u32>) -> Result<Vec<u8>, ReadError> {
    match width.filter(|width| *width > 0 && *width < picture.width()) {
        Some(width) => write(&picture.resized(width), format),
        None => write(picture, format),
    }
}

fn write(picture: &Picture, format: PictureFormat) -> Result<Vec<u8>, ReadError> {
    // Most pages are black on white: a third of the work.
    let without_colour = picture.without_colour();
    let picture = without_colour.as_ref().unwrap_or(picture);
    let (bytes, colour) = match picture.samples() {
        Samples::Gray(bytes) => (bytes, ExtendedColorType::L8),
        Samples::Rgb(bytes) => (bytes, ExtendedColorType::Rgb8),
    };
    let mut out = Vec::new();
    let written = match format {
        PictureFormat::Png => PngEncoder::new_with_quality(&mut out, CompressionType::Fast, PngFilter::Up)
            .write_image(bytes, picture.width(), picture.height(), colour),
        PictureFormat::Jpeg(quality) => JpegEncoder::new_with_quality(&mut out, quality.clamp(1, 100))
            .write_image(bytes, picture.width(), picture.height(), colour),
        PictureFormat::WebP(quality) => {
            return webp::encode(picture, quality).ok_or_else(|| refused(picture));
        }
    };
    written.map_err(|_| refused(picture))?;
    Ok(out)
}

fn refused(picture: &Picture) -> ReadError {
    ReadError::too_large(format!("a picture of {} × {} cannot be written", picture.width(), picture.height()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(colour: bool) -> Picture {
        let (width, height) = (300, 200);
        let dark = |at: u32| (at % width / 7 + at / width / 9).is_multiple_of(3);
        let gray = (0..width * height).map(|at| if dark(at) { 10 } else { 250 });
        let samples = if colour {
            Samples::Rgb(gray.flat_map(|g| [g, g / 2, g]).collect())
        } else {
            Samples::Gray(gray.collect())
        };
        Picture::new(width, height, samples, None).unwrap()
    }

    #[test]
    fn every_format_gives_the_same_size_back() {
        for format in [PictureFormat::Png, PictureFormat::Jpeg(80), PictureFormat::WebP(80)] {
            for colour in [false, true] {
                let bytes = encode(&page(colour), format, Some(150)).unwrap();
                let read = image::load_from_memory(&bytes).unwrap();
                assert_eq!((read.width(), read.height()), (150, 100), "{format:?}");
            }
        }
    }

    #[test]
    fn what_has_no_colour_is_written_without() {
        let (width, height) = (page(false).width(), page(false).height());
        let Samples::Gray(gray) = page(false).samples().clone() else { unreachable!() };
        let same = Samples::Rgb(gray.iter().flat_map(|g| [*g; 3]).collect());
        let same = Picture::new(width, height, same, None).unwrap();
        for format in [PictureFormat::Png, PictureFormat::Jpeg(80), PictureFormat::WebP(80)] {
            assert_eq!(encode(&same, format, None), encode(&page(false), format, None), "{format:?}");
            assert_ne!(encode(&page(true), format, None), encode(&page(false), format, None));
        }
    }

    #[test]
    fn no_picture_is_made_wider() {
        let bytes = encode(&page(false), PictureFormat::Png, Some(4_000)).unwrap();
        assert_eq!(image::load_from_memory(&bytes).unwrap().width(), 300);
    }

    #[test]
    fn the_same_picture_gives_the_same_bytes() {
        for format in [PictureFormat::Png, PictureFormat::Jpeg(80), PictureFormat::WebP(80)] {
            assert_eq!(encode(&page(true), format, None), encode(&page(true), format, None));
        }
    }
}
