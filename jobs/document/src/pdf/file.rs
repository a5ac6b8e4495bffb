//! How is a PDF opened and read? A page at a time, as it is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::bomb::refuse_bombs;
use super::content::{self, Content};
use super::metadata;
use super::native::{Document, Library, PixelLayout, Refusal};
use super::page::page;
use super::picture::{PictureShare, share, texts};
use super::survey::{Survey, Surveyor, samples};
use crate::error::ReadError;
use crate::limits::DocumentLimits;
use crate::model::{Metadata, Page, Rect};
use crate::sink::Inner;

/// An open PDF.
///
/// PDFium serves one thread at a time: `open` waits while another thread of the process has a document open.
#[derive(Debug)]
pub struct PdfFile {
    /// Pages that were looked at, until they are read.
    seen: BTreeMap<u32, Content>,
    survey: Survey,
    document: Document,
    limits: DocumentLimits,
}

/// A page of a PDF.
#[derive(Debug)]
pub struct PdfPage {
    /// What it says.
    pub page: Page,
    /// Whether it says it, or shows it.
    pub picture: PictureShare,
    /// Where its texts stand.
    pub texts: Vec<Rect>,
    /// Whether there is more text on it than is read.
    pub truncated: bool,
}

/// An embedded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Embedded {
    /// With its bytes.
    File(Inner),
    /// One that is larger than is allowed.
    TooLarge {
        /// Its file name.
        name: String,
        /// Its bytes.
        bytes: u64,
    },
}

/// How large a page is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// So many pixels wide.
    Width(u32),
    /// So many dots to the inch.
    Dpi(f32),
}

/// The picture of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// How they lie in `bytes`, row after row, without gaps.
    pub layout: PixelLayout,
    /// The pixels.
    pub bytes: Vec<u8>,
}

/// What is wanted of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// Whether each block has its words and their places.
    pub words: bool,
    /// Whether tables are looked for.
    pub tables: bool,
}

impl PdfFile {
    /// Opens the PDF at `path` with the library of PDFium at `library`.
    ///
    /// # Errors
    /// When it is no PDF, is locked, or is larger than `limits` allow.
    pub fn open(
        library: &Path,
        path: &Path,
        password: Option<&str>,
        limits: &DocumentLimits,
    ) -> Result<Self, ReadError> {
        let bytes = std::fs::metadata(path).map_err(ReadError::disk)?.len();
        if bytes > limits.bytes {
            return Err(ReadError::too_large(format!(
                "the PDF has {bytes} bytes; {} are allowed",
                limits.bytes
            )));
        }
        if bytes == 0 {
            return Err(ReadError::malformed("the file is empty"));
        }
        refuse_bombs(&std::fs::read(path).map_err(ReadError::disk)?, limits)?;
        let library = Library::at(library)?;
        let mut document =
            Document::open(library, path, password).map_err(|refusal| refused(refusal, password))?;
        if document.page_count() == 0 {
            return Err(ReadError::malformed("the PDF has no pages"));
        }
        document.know_fields();
        let mut file =
            Self { seen: BTreeMap::new(), survey: Survey::default(), document, limits: limits.clone() };
        file.look_around();
        Ok(file)
    }

    /// How many pages it says it has.
    pub fn page_count(&self) -> u32 {
        self.document.page_count()
    }

    /// What it says of itself.
    pub fn metadata(&self) -> Metadata {
        metadata::read(&self.document)
    }

    /// The files that are embedded in it, as many and as large as the limits of an archive allow; each once, however many names
    /// it has. One at a time, so that no more than one of them is in memory.
    pub fn attachments(&self) -> impl Iterator<Item = Embedded> + '_ {
        let mut left = self.limits.archive_bytes;
        let mut seen = BTreeSet::new();
        let mut indices = 0..self.document.attachment_count().min(self.limits.archive_entries);
        std::iter::from_fn(move || {
            // PDFium unpacks a file to tell its size: one that is too large has cost as much as one that is not.
            while left > 0 {
                let index = indices.next()?;
                let Some(attachment) = self.document.attachment(index) else { continue };
                if !seen.insert(attachment.key()) {
                    continue;
                }
                let name = attachment
                    .name()
                    .map_or_else(|| format!("attachment-{}", index + 1), |name| file_name(&name));
                let bytes = attachment.bytes(left.min(self.limits.archive_part_bytes));
                let size = bytes.as_ref().map_or_else(|size| *size, |bytes| bytes.len() as u64);
                left = left.saturating_sub(size);
                return Some(match bytes {
                    Ok(bytes) => Embedded::File(Inner { name, bytes }),
                    Err(bytes) => Embedded::TooLarge { name, bytes },
                });
            }
            None
        })
    }

    /// Reads page `number`, from 1 on.
    ///
    /// # Errors
    /// When there is no such page, or it cannot be read; others may be.
    pub fn page(&mut self, number: u32, detail: Detail) -> Result<PdfPage, ReadError> {
        let index = self.index(number)?;
        let content = match self.seen.remove(&index) {
            Some(content) => content,
            None => self.content(index).ok_or_else(|| broken(number))?,
        };
        let (picture, texts, truncated) = (share(&content), texts(&content), content.truncated);
        Ok(PdfPage { page: page(number, content, &self.survey, detail), picture, texts, truncated })
    }

    /// Draws page `number`, from 1 on.
    ///
    /// # Errors
    /// When there is no such page, it cannot be drawn, or its picture would have more pixels than are allowed.
    pub fn render(&self, number: u32, scale: Scale, layout: PixelLayout) -> Result<Picture, ReadError> {
        let index = self.index(number)?;
        let page = self.document.page(index).ok_or_else(|| broken(number))?;
        let bounds = page.bounds().ok_or_else(|| broken(number))?;
        let (width, height) = super::geometry::Frame::new(bounds, page.rotation()).size();
        let (width, height) = pixels((width, height), scale, self.limits.pixels)
            .ok_or_else(|| ReadError::too_large(format!("page {number} is too large to be drawn")))?;
        let bytes = page.draw(width, height, layout).ok_or_else(|| broken(number))?;
        Ok(Picture { width, height, layout, bytes })
    }

    fn index(&self, number: u32) -> Result<u32, ReadError> {
        let count = self.page_count();
        if number == 0 || number > count {
            return Err(ReadError::new(
                "no_such_page",
                format!("there is no page {number}: the PDF has {count}"),
            ));
        }
        Ok(number - 1)
    }

    fn content(&self, index: u32) -> Option<Content> {
        content::read(&self.document.page(index)?)
    }

    /// Looks at a few pages, and keeps what it saw of them until they are read.
    fn look_around(&mut self) {
        let mut surveyor = Surveyor::default();
        for index in samples(self.page_count().min(self.limits.pages)) {
            if let Some(content) = self.content(index) {
                surveyor.look(&content);
                self.seen.insert(index, content);
            }
        }
        self.survey = surveyor.finish();
    }
}

fn refused(refusal: Refusal, password: Option<&str>) -> ReadError {
    match (refusal, password) {
        (Refusal::Password, None) => ReadError::locked("the PDF is encrypted, and needs a password"),
        (Refusal::Password, Some(_)) => ReadError::locked("the PDF is encrypted with another password"),
        (Refusal::Security, _) => {
            ReadError::new("unsupported_encryption", "the PDF is encrypted in an unknown way")
        }
        (Refusal::File, _) => ReadError::malformed("the file cannot be read"),
        (Refusal::Format, _) => ReadError::malformed("the file is no PDF, or damaged beyond repair"),
    }
}

fn broken(number: u32) -> ReadError {
    ReadError::new("broken_page", format!("page {number} cannot be read"))
}

/// The last part of a name that may be a path.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\', ':']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|code| !code.is_control()).take(200).collect();
    if plain.trim_matches(['.', ' ']).is_empty() { "attachment".to_owned() } else { plain }
}

/// Width and height in pixels of a page of this size in points; none where they are nought, or more than `most` together.
fn pixels((width, height): (f32, f32), scale: Scale, most: u64) -> Option<(u32, u32)> {
    let factor = match scale {
        Scale::Width(pixels) => pixels as f32 / width,
        Scale::Dpi(dpi) => dpi / 72.0,
    };
    // A side that would not fit is refused by their product; the conversion only has to keep it large.
    let side = |points: f32| (points * factor).round().clamp(1.0, 1e9) as u32;
    let size = match scale {
        Scale::Width(pixels) => (pixels, side(height)),
        Scale::Dpi(_) => (side(width), side(height)),
    };
    let is_sane = factor.is_finite() && factor > 0.0 && size.0 > 0;
    (is_sane && u64::from(size.0) * u64::from(size.1) <= most).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_the_shape_of_its_page() {
        assert_eq!(pixels((600.0, 800.0), Scale::Width(300), 1 << 20), Some((300, 400)));
        assert_eq!(pixels((72.0, 144.0), Scale::Dpi(100.0), 1 << 20), Some((100, 200)));
    }

    #[test]
    fn a_picture_that_is_too_large_is_not_begun() {
        assert_eq!(pixels((600.0, 800.0), Scale::Width(2_000), 1_000_000), None);
        assert_eq!(pixels((1.0, 1e30), Scale::Width(100), 1_000_000), None);
        assert_eq!(pixels((600.0, 800.0), Scale::Dpi(f32::NAN), 1_000_000), None);
        assert_eq!(pixels((600.0, 800.0), Scale::Width(0), 1_000_000), None);
    }

    #[test]
    fn names_of_attachments_are_no_paths() {
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\dados\\conta.pdf"), "conta.pdf");
        assert_eq!(file_name(".."), "attachment");
    }
}
