//! How is a picture's file opened? By its first bytes, with its size looked at before its pixels.

mod resolution;
mod still;
mod tiff;

use std::cell::RefCell;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::rc::Rc;

use image::ImageFormat;

use self::tiff::TiffFile;
use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::picture::Picture;

/// A file with one picture or, as TIFF, with many.
#[derive(Debug)]
pub struct ImageFile {
    bytes: Rc<Vec<u8>>,
    format: ImageFormat,
    /// A TIFF, while its pages are read.
    pages: Option<RefCell<TiffFile>>,
    pixels: u64,
}

impl ImageFile {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read, is no picture of a known format, or is larger than `limits` allow.
    pub fn open(path: &Path, limits: &DocumentLimits) -> Result<Self, ReadError> {
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(ReadError::disk)?;
        file.take(limits.bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(ReadError::disk)?;
        Self::from_bytes(bytes, limits)
    }

    /// Opens a file that is in memory.
    ///
    /// # Errors
    /// As `open`.
    pub fn from_bytes(bytes: Vec<u8>, limits: &DocumentLimits) -> Result<Self, ReadError> {
        if bytes.len() as u64 > limits.bytes {
            return Err(ReadError::too_large(format!("the file has more than {} bytes", limits.bytes)));
        }
        let format = image::guess_format(&bytes)
            .ok()
            .filter(|format| FORMATS.contains(format))
            .ok_or_else(|| ReadError::new("unsupported_document", "no picture of a known format"))?;
        let bytes = Rc::new(bytes);
        let pages = if format == ImageFormat::Tiff {
            Some(RefCell::new(TiffFile::open(Rc::clone(&bytes), limits.pages)?))
        } else {
            still::check_size(&bytes, format, limits.pixels)?;
            None
        };
        Ok(Self { bytes, format, pages, pixels: limits.pixels })
    }

    /// How many pages it has; no more than the limit plus one.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        self.pages.as_ref().map_or(1, |pages| pages.borrow().count())
    }

    /// Page `number`, from 0 on, the way a viewer shows it.
    ///
    /// # Errors
    /// When there is no such page, its pixels cannot be decoded, or there are too many of them.
    pub fn page(&self, number: u32) -> Result<Picture, ReadError> {
        if number >= self.page_count() {
            return Err(ReadError::malformed(format!("there is no page {}", u64::from(number) + 1)));
        }
        match &self.pages {
            Some(pages) => pages.borrow_mut().page(number as usize, self.pixels),
            None => still::decode(&self.bytes, self.format, self.pixels),
        }
    }

    /// The file itself, where it is a JPEG that a viewer shows as it is stored.
    #[must_use]
    pub fn upright_jpeg(&self) -> Option<&[u8]> {
        (self.format == ImageFormat::Jpeg && still::is_upright(&self.bytes)).then_some(self.bytes.as_slice())
    }
}

const FORMATS: [ImageFormat; 6] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::Tiff,
    ImageFormat::WebP,
    ImageFormat::Bmp,
    ImageFormat::Gif,
];

fn check_pixels(width: u32, height: u32, most: u64) -> Result<(), ReadError> {
    if u64::from(width) * u64::from(height) > most {
        return Err(ReadError::too_large(format!(
            "the picture has {width} × {height} pixels; {most} are allowed"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GrayImage};

    use super::super::picture::Samples;
    use super::*;

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let gray = GrayImage::from_fn(40, 20, |x, y| image::Luma([if x < 20 && y < 10 { 0 } else { 255 }]));
        DynamicImage::ImageLuma8(gray).to_rgb8().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn each_format_is_opened_and_gray_is_found_to_be_gray() {
        for format in
            [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Gif]
        {
            let file = ImageFile::from_bytes(encoded(format), &DocumentLimits::default()).unwrap();
            let page = file.page(0).unwrap();
            assert_eq!((file.page_count(), page.width(), page.height()), (1, 40, 20), "{format:?}");
            let Samples::Gray(samples) = page.samples() else { panic!("{format:?} is coloured") };
            assert!(samples[0] < 60 && samples[39] > 200, "{format:?}");
        }
    }

    #[test]
    fn too_many_pixels_are_refused_by_the_header() {
        let limits = DocumentLimits { pixels: 799, ..DocumentLimits::default() };
        let error = ImageFile::from_bytes(encoded(ImageFormat::Png), &limits).unwrap_err();
        assert_eq!(error.code, "document_too_large");
    }

    #[test]
    fn half_a_file_is_an_error_or_half_a_picture() {
        for format in
            [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Gif]
        {
            let mut bytes = encoded(format);
            bytes.truncate(bytes.len() / 2);
            if let Ok(file) = ImageFile::from_bytes(bytes, &DocumentLimits::default()) {
                let _ = file.page(0);
            }
        }
    }

    #[test]
    fn files_with_wrong_bytes_are_errors_or_pictures() {
        let limits = DocumentLimits { pixels: 1_000_000, ..DocumentLimits::default() };
        let mut random = 12_345_u32;
        let mut next = |below: usize| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) as usize % below
        };
        for format in
            [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Gif]
        {
            let whole = encoded(format);
            for _ in 0..300 {
                let mut bytes = whole.clone();
                for _ in 0..=next(4) {
                    let at = next(bytes.len());
                    bytes[at] = next(256) as u8;
                }
                if let Ok(file) = ImageFile::from_bytes(bytes, &limits) {
                    let _ = file.page(0);
                }
            }
        }
    }

    #[test]
    fn text_is_no_picture() {
        let error = ImageFile::from_bytes(b"Bom dia".to_vec(), &DocumentLimits::default()).unwrap_err();
        assert_eq!(error.code, "unsupported_document");
    }

    #[test]
    fn a_page_that_is_not_there_is_an_error() {
        let file = ImageFile::from_bytes(encoded(ImageFormat::Png), &DocumentLimits::default()).unwrap();
        assert!(file.page(1).is_err());
    }
}
