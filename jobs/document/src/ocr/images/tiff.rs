//! How is a page of a TIFF file decoded? By the `tiff` crate; what it does not know, by leptonica.

use std::io::Cursor;
use std::rc::Rc;

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use super::super::super::error::ReadError;
use super::super::leptonica;
use super::super::picture::{Picture, Samples};
use super::check_pixels;
use super::still::{BYTES, gray_if_gray, three_of_four};

/// A file of pages. One decoder reads them all: it remembers where those lie that it has seen, while another one would look
/// for each of them from the first page on.
#[derive(Debug)]
pub(super) struct TiffFile {
    bytes: Shared,
    /// None only while its limits are changed.
    decoder: Option<Reader>,
    pages: u32,
}

/// Bytes that the decoder holds as well.
#[derive(Debug, Clone)]
struct Shared(Rc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

type Reader = Decoder<Cursor<Shared>>;

impl TiffFile {
    /// Opens a file, and counts its pages up to one more than `most`.
    pub(super) fn open(bytes: Rc<Vec<u8>>, most: u32) -> Result<Self, ReadError> {
        let bytes = Shared(bytes);
        let mut decoder = Decoder::new(Cursor::new(bytes.clone())).map_err(malformed)?;
        let mut pages = 1;
        // A page that cannot be read ends the count: what stands behind it cannot be trusted.
        while pages <= most && decoder.more_images() && decoder.next_image().is_ok() {
            pages += 1;
        }
        Ok(Self { bytes, decoder: Some(decoder), pages })
    }

    /// How many pages it has.
    pub(super) fn count(&self) -> u32 {
        self.pages
    }

    /// Page `number`, from 0 on.
    pub(super) fn page(&mut self, number: usize, pixels: u64) -> Result<Picture, ReadError> {
        let closed = || ReadError::malformed("the TIFF file is closed");
        let decoder = self.decoder.as_mut().ok_or_else(closed)?;
        decoder.seek_to_image(number).map_err(malformed)?;
        let (width, height) = decoder.dimensions().map_err(malformed)?;
        check_pixels(width, height, pixels)?;
        // Four channels of sixteen bits, within what a picture may have, and what a strip may have beyond the last line.
        let most = usize::try_from(pixels.saturating_mul(BYTES)).unwrap_or(usize::MAX);
        let bytes_of_it = (width as usize * height as usize).saturating_mul(8).min(most);
        let mut limits = Limits::default();
        limits.decoding_buffer_size = bytes_of_it.saturating_add(1 << 20);
        limits.intermediate_buffer_size = limits.decoding_buffer_size;
        let decoder = self.decoder.take().ok_or_else(closed)?;
        let decoder = self.decoder.insert(decoder.with_limits(limits));
        let dpi = dpi(decoder);
        let turn = orientation(decoder);
        let samples = match samples(decoder, width, height) {
            Err(TiffError::UnsupportedError(_)) => {
                // Leptonica turns the page by its tag itself.
                let gray = leptonica::tiff_page(self.bytes.as_ref(), number, pixels)?;
                let size = |size: usize| u32::try_from(size).unwrap_or(0);
                return Picture::new(size(gray.width), size(gray.height), Samples::Gray(gray.pixels), dpi);
            }
            samples => samples.map_err(malformed)?,
        };
        turned(width, height, samples, turn)
            .and_then(|(width, height, samples)| Picture::new(width, height, samples, dpi))
    }
}

fn samples(decoder: &mut Reader, width: u32, height: u32) -> Result<Samples, TiffError> {
    let colour = decoder.colortype()?;
    let decoded = match decoder.read_image()? {
        DecodingResult::U8(bytes) => bytes,
        DecodingResult::U16(words) => words.iter().map(|word| (word >> 8) as u8).collect(),
        _ => return Err(unsupported()),
    };
    let pixels = width as usize * height as usize;
    Ok(match colour {
        ColorType::Gray(bits @ (1 | 2 | 4)) => Samples::Gray(unpack(&decoded, width as usize, bits)),
        ColorType::Gray(8 | 16) => Samples::Gray(decoded),
        ColorType::RGB(8 | 16) => gray_if_gray(decoded),
        ColorType::RGBA(8 | 16) => gray_if_gray(three_of_four(decoded, |[r, g, b, _]| [r, g, b])),
        ColorType::YCbCr(8) if decoded.len() == pixels * 3 => {
            gray_if_gray(decoded.as_chunks::<3>().0.iter().flat_map(|ycc| rgb_from_ycc(*ycc)).collect())
        }
        ColorType::CMYK(8) => gray_if_gray(three_of_four(decoded, rgb_from_cmyk)),
        _ => return Err(unsupported()),
    })
}

fn unsupported() -> TiffError {
    TiffError::UnsupportedError(tiff::TiffUnsupportedError::UnknownInterpretation)
}

/// A byte for each pixel, from lines that are padded to whole bytes.
fn unpack(packed: &[u8], width: usize, bits: u8) -> Vec<u8> {
    let (bits, each) = (usize::from(bits), usize::from(8 / bits));
    let full = (1u32 << bits) - 1;
    let mut pixels = Vec::with_capacity(packed.len() * each);
    for line in packed.chunks(width.div_ceil(each).max(1)) {
        let values = line
            .iter()
            .flat_map(|byte| (0..each).map(move |at| u32::from(*byte) >> (8 - bits * (at + 1)) & full));
        pixels.extend(values.take(width).map(|value| (value * 255 / full) as u8));
    }
    pixels
}

/// ITU-R BT.601 over the full range, as JPEG has it.
fn rgb_from_ycc([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    [y + 1.402 * cr, y - 0.344 * cb - 0.714 * cr, y + 1.772 * cb].map(|value| value.round() as u8)
}

fn rgb_from_cmyk([c, m, y, k]: [u8; 4]) -> [u8; 3] {
    [c, m, y].map(|ink| {
        let light = (255 - u32::from(ink)) * (255 - u32::from(k)) / 255;
        u8::try_from(light).unwrap_or(u8::MAX)
    })
}

fn dpi(decoder: &mut Reader) -> Option<f32> {
    const CENTIMETRE: u16 = 3;
    let across = decoder.get_tag_f32(Tag::XResolution).ok()?;
    let unit = decoder.find_tag_unsigned(Tag::ResolutionUnit).ok().flatten().unwrap_or(2);
    let dpi = if unit == CENTIMETRE { across * 2.54 } else { across };
    (20.0..=4_800.0).contains(&dpi).then_some(dpi)
}

fn orientation(decoder: &mut Reader) -> Orientation {
    decoder
        .find_tag_unsigned::<u8>(Tag::Orientation)
        .ok()
        .flatten()
        .and_then(Orientation::from_exif)
        .unwrap_or(Orientation::NoTransforms)
}

/// A picture as a viewer shows it.
pub(super) fn turned(
    width: u32,
    height: u32,
    samples: Samples,
    turn: Orientation,
) -> Result<(u32, u32, Samples), ReadError> {
    if turn == Orientation::NoTransforms {
        return Ok((width, height, samples));
    }
    let missing = || ReadError::malformed("the picture lacks pixels");
    let mut picture = match samples {
        Samples::Gray(bytes) => {
            DynamicImage::ImageLuma8(GrayImage::from_raw(width, height, bytes).ok_or_else(missing)?)
        }
        Samples::Rgb(bytes) => {
            DynamicImage::ImageRgb8(RgbImage::from_raw(width, height, bytes).ok_or_else(missing)?)
        }
    };
    picture.apply_orientation(turn);
    let (width, height) = (picture.width(), picture.height());
    let samples = match picture {
        DynamicImage::ImageLuma8(gray) => Samples::Gray(gray.into_raw()),
        picture => Samples::Rgb(picture.into_rgb8().into_raw()),
    };
    Ok((width, height, samples))
}

fn malformed(error: TiffError) -> ReadError {
    match error {
        TiffError::LimitsExceeded => ReadError::too_large("a page of the TIFF file is too large to decode"),
        error => ReadError::malformed(format!("the TIFF file cannot be decoded: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use tiff::encoder::{TiffEncoder, colortype};

    use super::*;

    fn open(bytes: &[u8], most: u32) -> Result<TiffFile, ReadError> {
        TiffFile::open(Rc::new(bytes.to_vec()), most)
    }

    fn page(bytes: &[u8], number: usize, pixels: u64) -> Result<Picture, ReadError> {
        open(bytes, 10)?.page(number, pixels)
    }

    fn two_pages() -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
        encoder.write_image::<colortype::Gray8>(3, 2, &[0, 10, 20, 30, 40, 50]).unwrap();
        encoder.write_image::<colortype::RGB8>(1, 1, &[1, 2, 3]).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn each_page_has_its_own_size_and_colours() {
        let bytes = two_pages();
        assert_eq!(open(&bytes, 10).unwrap().count(), 2);
        assert_eq!(open(&bytes, 1).unwrap().count(), 2);
        assert_eq!(page(&bytes, 0, 100).unwrap().samples(), &Samples::Gray(vec![0, 10, 20, 30, 40, 50]));
        assert_eq!(page(&bytes, 1, 100).unwrap().samples(), &Samples::Rgb(vec![1, 2, 3]));
    }

    #[test]
    fn pages_are_read_in_any_order_after_one_that_is_refused() {
        let mut file = open(&two_pages(), 10).unwrap();
        assert!(file.page(0, 5).is_err() && file.page(7, 100).is_err());
        assert_eq!(file.page(1, 100).unwrap().samples(), &Samples::Rgb(vec![1, 2, 3]));
        assert_eq!(file.page(0, 100).unwrap().width(), 3);
    }

    #[test]
    fn many_pages_with_many_tags_are_all_found() {
        // Each page has a directory of 3,000 tags; each but the last leads to the next one.
        let (pages, tags) = (200_u32, 1_500_u16);
        let mut bytes = b"II*\0\x08\0\0\0".to_vec();
        for page in 0..pages {
            let next = bytes.len() as u32 + 2 + 12 * u32::from(tags) + 4;
            bytes.extend(tags.to_le_bytes());
            for tag in 0..tags {
                let tag = match tag {
                    0 => 256,
                    1 => 257,
                    2 => 262,
                    3 => 273,
                    4 => 279,
                    tag => 33_000 + tag,
                };
                bytes.extend(tag.to_le_bytes());
                bytes.extend([3, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
            }
            bytes.extend(if page + 1 < pages { next } else { 0 }.to_le_bytes());
        }
        let mut file = open(&bytes, 1_000).unwrap();
        assert_eq!(file.count(), pages);
        for number in 0..pages as usize {
            assert_eq!(file.page(number, 100).unwrap().width(), 1);
        }
    }

    #[test]
    fn a_page_with_too_many_pixels_is_refused() {
        assert_eq!(page(&two_pages(), 0, 5).unwrap_err().code, "document_too_large");
    }

    #[test]
    fn bits_become_bytes_line_by_line() {
        assert_eq!(unpack(&[0b1010_0000, 0b0100_0000], 3, 1), [255, 0, 255, 0, 255, 0]);
        assert_eq!(unpack(&[0x0f, 0x80], 3, 4), [0, 255, 136]);
    }

    #[test]
    fn no_truncated_file_breaks_it() {
        let bytes = two_pages();
        for length in 0..bytes.len() {
            if let Ok(mut file) = open(&bytes[..length], 10) {
                let _ = file.page(0, 100);
            }
        }
    }
}
