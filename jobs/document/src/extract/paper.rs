//! How are documents with pages of paper opened? PDFs, and files of pictures.

use std::cell::RefCell;
use std::path::Path;

use super::super::error::ReadError;
use super::super::input::{Input, Ocr};
use super::super::model::{Metadata, Page, PageKind, Warning};
use super::super::ocr::{ImageFile, Picture, Samples};
use super::super::pdf::{Detail, Embedded, PdfFile, PdfPage, PictureShare, PixelLayout, Scale};
use super::super::sink::{Flow, PageSink};
use super::desk::Desk;
use super::scan::{Plan, Sheet};
use super::sheets::sheets;

/// Characters from which on a page has text of its own, beyond stamps at its edges, and how much of it pictures cover where it has less: a scan.
const FEW_CHARACTERS: u32 = 20;
const MOSTLY_PICTURE: f32 = 0.5;
/// From this share of letters without a meaning on, a text is not to be trusted.
const MOSTLY_BROKEN: f32 = 0.3;
/// A picture of fewer pixels both ways is an icon: what would be read in it are not letters.
const SMALLEST_SCAN: u32 = 40;
/// Pixels an inch of pictures that are read: tesseract is trained for letters of that size.
const SCAN_DPI: f32 = 300.0;
/// Pixels an inch of pictures that stand in a searchable PDF beside text of their own.
const SHOWN_DPI: f32 = 150.0;
/// Points an inch.
const INCH: f32 = 72.0;

/// Reads a PDF.
pub fn pdf(desk: &mut Desk<'_>, path: &Path) -> Result<Metadata, ReadError> {
    let (input, limits) = (desk.input(), desk.limits());
    let password = input.password.as_ref().map(|password| password.reveal());
    let mut file = PdfFile::open(&limits.pdfium, path, password, limits)?;
    let plan = Plan::new(input, limits);
    let wanted = desk.wanted(file.page_count());
    sheets(desk, &plan, &wanted, |number, is_kept| sheet(&mut file, number, is_kept, input, &plan))?;
    for embedded in file.attachments() {
        match embedded {
            Embedded::File(inner) => {
                if desk.inner(inner)? == Flow::Enough {
                    break;
                }
            }
            Embedded::TooLarge { name, bytes } => {
                let message = format!("{name} has {bytes} bytes, and is not read");
                desk.warn(Warning::new("part_too_large", message).with_loss());
            }
        }
    }
    Ok(file.metadata())
}

/// A page of a PDF, with its picture where that is needed: to be read, unless an earlier attempt has done that, or shown.
fn sheet(file: &mut PdfFile, number: u32, is_kept: bool, input: &Input, plan: &Plan) -> Sheet {
    let mut warnings = Vec::new();
    let detail = Detail { words: input.words || plan.is_searchable(), tables: input.tables };
    let (page, share, texts) = match file.page(number, detail) {
        Ok(PdfPage { page, picture, texts, truncated }) => {
            if truncated {
                let message = "there is more on the page than is read";
                warnings.push(Warning::new("truncated", message).of_page(number).with_loss());
            }
            (page, Some(picture), texts)
        }
        Err(error) => {
            warnings.push(Warning::from(error).of_page(number));
            (blank(number), None, Vec::new())
        }
    };
    let scan = share.as_ref().is_some_and(|share| is_to_be_read(input.ocr, share));
    let stamps =
        share.as_ref().filter(|share| scan && has_stamps(input.ocr, share)).map_or(Vec::new(), |_| texts);
    let drawn = match (scan, plan.is_searchable(), plan.shown_width()) {
        (true, false, shown) if is_kept => shown.map(|width| (Scale::Width(width), PixelLayout::Rgb)),
        // Gray is all that is read; what is shown has its colours.
        (true, false, None) => Some((Scale::Dpi(SCAN_DPI), PixelLayout::Gray)),
        (true, ..) => Some((Scale::Dpi(SCAN_DPI), PixelLayout::Rgb)),
        (false, true, _) => Some((Scale::Dpi(SHOWN_DPI), PixelLayout::Rgb)),
        (false, false, shown) => shown.map(|width| (Scale::Width(width), PixelLayout::Rgb)),
    };
    let picture = share.and(drawn).and_then(|(scale, layout)| match draw(file, &page, scale, layout) {
        Ok(picture) => Some(picture),
        Err(error) => {
            warnings.push(Warning::from(error).of_page(number));
            None
        }
    });
    Sheet { number, page, picture, jpeg: None, scan, stamps, kept: None, warnings }
}

fn draw(file: &PdfFile, page: &Page, scale: Scale, layout: PixelLayout) -> Result<Picture, ReadError> {
    let drawn = file.render(page.number, scale, layout)?;
    #[expect(clippy::cast_precision_loss, reason = "a number of pixels")]
    let dpi = page.width.filter(|width| *width > 0.0).map(|width| drawn.width as f32 * INCH / width);
    let samples = match drawn.layout {
        PixelLayout::Gray => Samples::Gray(drawn.bytes),
        PixelLayout::Rgb => Samples::Rgb(drawn.bytes),
    };
    Picture::new(drawn.width, drawn.height, samples, dpi)
}

/// Reads a file of pictures.
pub fn pictures(desk: &mut Desk<'_>, path: &Path) -> Result<Metadata, ReadError> {
    let (input, limits) = (desk.input(), desk.limits());
    let file = ImageFile::open(path, limits)?;
    let plan = Plan::new(input, limits);
    let wanted = desk.wanted(file.page_count());
    let only = wanted.len() == 1;
    let broken = RefCell::new(None);
    let open = |number: u32, _: bool| -> Sheet {
        let (page, picture, warnings) = match file.page(number - 1) {
            Ok(picture) => (of_picture(number, &picture), Some(picture), Vec::new()),
            Err(error) => {
                if only {
                    *broken.borrow_mut() = Some(error.clone());
                }
                (blank(number), None, vec![Warning::from(error).of_page(number)])
            }
        };
        let is_icon = |picture: &Picture| picture.width().max(picture.height()) < SMALLEST_SCAN;
        let scan = input.ocr != Ocr::Never && picture.as_ref().is_some_and(|picture| !is_icon(picture));
        let jpeg = file.upright_jpeg().filter(|_| plan.is_searchable()).map(<[u8]>::to_vec);
        Sheet { number, page, picture, jpeg, scan, stamps: Vec::new(), kept: None, warnings }
    };
    sheets(desk, &plan, &wanted, open)?;
    // A file whose only picture cannot be read gives nothing.
    match broken.into_inner() {
        Some(error) => Err(error),
        None => Ok(Metadata { pages: Some(file.page_count()), ..Metadata::default() }),
    }
}

/// Whether the text of a page is to be read from its picture.
fn is_to_be_read(ocr: Ocr, share: &PictureShare) -> bool {
    match ocr {
        Ocr::Never => false,
        Ocr::Always => true,
        Ocr::Auto => {
            (share.inside < FEW_CHARACTERS && share.image_cover >= MOSTLY_PICTURE)
                || share.broken_share >= MOSTLY_BROKEN
        }
    }
}

/// Whether a scan has a text at its edges that can be trusted, such as the stamp of a court: it is told as it is.
fn has_stamps(ocr: Ocr, share: &PictureShare) -> bool {
    ocr == Ocr::Auto && share.characters >= FEW_CHARACTERS && share.broken_share < MOSTLY_BROKEN
}

fn blank(number: u32) -> Page {
    Page { number, kind: PageKind::Page, ..Page::default() }
}

/// A page of which only the size is known.
fn of_picture(number: u32, picture: &Picture) -> Page {
    let points = picture.points_per_pixel();
    #[expect(clippy::cast_precision_loss, reason = "a number of pixels")]
    let length = |pixels: u32| Some(pixels as f32 * points);
    Page { width: length(picture.width()), height: length(picture.height()), ..blank(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_is_one_though_a_stamp_stands_at_its_edge() {
        let share = |characters, inside, image_cover| PictureShare {
            characters,
            inside,
            image_cover,
            broken_share: 0.0,
        };
        let is_read = |share| is_to_be_read(Ocr::Auto, &share);
        assert!(is_read(share(140, 0, 0.9)) && is_read(share(5, 5, 0.9)));
        assert!(!is_read(share(140, 140, 0.9)) && !is_read(share(140, 0, 0.3)));
        assert!(!is_to_be_read(Ocr::Never, &share(140, 0, 0.9)));
        assert!(has_stamps(Ocr::Auto, &share(140, 0, 0.9)) && !has_stamps(Ocr::Always, &share(140, 0, 0.9)));
    }
}
