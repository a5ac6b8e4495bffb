//! How are documents with pages of paper read? One page after the other, their pictures by several threads.

use std::cell::RefCell;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use super::super::error::ReadError;
use super::super::input::{Input, Ocr};
use super::super::model::{Metadata, Page, PageKind, Warning};
use super::super::ocr::{AddError, ImageFile, Picture, Samples, SearchablePdf, in_order};
use super::super::pdf::{Detail, Embedded, PdfFile, PdfPage, PictureShare, PixelLayout, Scale};
use super::super::sink::{Flow, PageSink};
use super::desk::Desk;
use super::scan::{Kept, Plan, Reader, Ready, Sheet};

/// Characters from which on a page has text of its own, and how much of it pictures cover where it has less: a scan.
const FEW_CHARACTERS: u32 = 20;
const MOSTLY_PICTURE: f32 = 0.5;
/// From this share of letters without a meaning on, a text is not to be trusted.
const MOSTLY_BROKEN: f32 = 0.3;
/// Pages that are worked on at the same time: each has its picture, and an engine with its models, in the child's memory.
const MOST_READERS: usize = 4;
/// Pixels an inch of pictures that are read: tesseract is trained for letters of that size.
const SCAN_DPI: f32 = 300.0;
/// Pixels an inch of pictures that stand in a searchable PDF beside text of their own.
const SHOWN_DPI: f32 = 150.0;
/// Points an inch.
const INCH: f32 = 72.0;

const SEARCHABLE: &str = "searchable.pdf";

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
    let (page, share) = match file.page(number, detail) {
        Ok(PdfPage { page, picture, truncated }) => {
            if truncated {
                let message = "there is more on the page than is read";
                warnings.push(Warning::new("truncated", message).of_page(number).with_loss());
            }
            (page, Some(picture))
        }
        Err(error) => {
            warnings.push(Warning::from(error).of_page(number));
            (blank(number), None)
        }
    };
    let scan = share.as_ref().is_some_and(|share| is_to_be_read(input.ocr, share));
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
    Sheet { number, page, picture, jpeg: None, scan, kept: None, warnings }
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
        let scan = input.ocr != Ocr::Never && picture.is_some();
        let jpeg = file.upright_jpeg().filter(|_| plan.is_searchable()).map(<[u8]>::to_vec);
        Sheet { number, page, picture, jpeg, scan, kept: None, warnings }
    };
    sheets(desk, &plan, &wanted, open)?;
    // A file whose only picture cannot be read gives nothing.
    match broken.into_inner() {
        Some(error) => Err(error),
        None => Ok(Metadata { pages: Some(file.page_count()), ..Metadata::default() }),
    }
}

/// Hands the pages that are wanted to the desk, in their order.
fn sheets(
    desk: &mut Desk<'_>,
    plan: &Plan,
    wanted: &[u32],
    mut open: impl FnMut(u32, bool) -> Sheet,
) -> Result<(), ReadError> {
    let mut searchable = open_searchable(desk, plan)?;
    let threads = desk.work().parallelism().min(wanted.len()).clamp(1, MOST_READERS);
    let mut told_models = false;
    let before = desk.before();
    let desk = RefCell::new(desk);
    let mut outcome = Ok(());
    let inputs = wanted.iter().map(|number| {
        let mut desk = desk.borrow_mut();
        let key = desk.checkpoint_key(before + number);
        let kept = desk.work().checkpoint(&key).ok().flatten();
        let kept = kept.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        let mut sheet = open(*number, kept.is_some());
        if !sheet.scan {
            return sheet;
        }
        if !std::mem::replace(&mut told_models, true) {
            plan.warnings.iter().cloned().for_each(|warning| desk.warn(warning));
        }
        sheet.kept = kept;
        if plan.models.is_empty() {
            desk.note_unread_scan();
        }
        if plan.models.is_empty() || !desk.allow_scan() {
            sheet.scan = false;
            sheet.kept = None;
            sheet.warnings.push(not_read(*number, plan));
        }
        sheet
    });
    in_order(
        threads,
        || Ok::<_, ReadError>(Reader::default()),
        inputs,
        |reader, sheet| plan.finish(reader, sheet),
        |ready| {
            let mut desk = desk.borrow_mut();
            let delivered = ready.and_then(|ready| deliver(&mut desk, plan, ready, &mut searchable));
            match delivered {
                Ok(flow) => flow == Flow::Go,
                Err(error) => {
                    outcome = Err(error);
                    false
                }
            }
        },
    )?;
    outcome?;
    let desk = desk.into_inner();
    if let Some(searchable) = searchable {
        let finished = searchable.finish().map_err(super::storage);
        desk.or_stop(finished)?;
        desk.finish_drawn(SEARCHABLE, "application/pdf")?;
    }
    Ok(())
}

type Searchable = SearchablePdf<BufWriter<File>>;

/// A searchable PDF is made of the document itself, not of what lies inside it.
fn open_searchable(desk: &mut Desk<'_>, plan: &Plan) -> Result<Option<Searchable>, ReadError> {
    if !plan.is_searchable() || desk.is_in_part() {
        return Ok(None);
    }
    let path = desk.work().artifact_path(SEARCHABLE);
    let path = desk.or_stop(path)?;
    let opened = File::create(path).map(BufWriter::new).and_then(SearchablePdf::new).map_err(super::storage);
    desk.or_stop(opened).map(Some)
}

/// Writes a page that is ready.
fn deliver(
    desk: &mut Desk<'_>,
    plan: &Plan,
    ready: Ready,
    searchable: &mut Option<Searchable>,
) -> Result<Flow, ReadError> {
    let going_on = desk.work().check_stop();
    desk.or_stop(going_on)?;
    let number = ready.page.number;
    let name = desk.before() + number;
    let (extension, media_type) = plan.image_type();
    for warning in ready.warnings {
        desk.warn(warning);
    }
    if let Some(keep) = &ready.keep
        && let Ok(bytes) = serde_json::to_vec(keep)
    {
        let key = desk.checkpoint_key(name);
        let kept = desk.work().keep_checkpoint(&key, &bytes);
        desk.or_stop(kept)?;
    }
    if let Some(bytes) = &ready.image {
        desk.draw(&format!("pages/{name:04}.{extension}"), media_type, bytes)?;
    }
    if let Some(bytes) = &ready.thumbnail {
        desk.draw(&format!("thumbnails/{name:04}.{extension}"), media_type, bytes)?;
    }
    if let (Some(pdf), Some((picture, recognised, jpeg))) = (searchable, &ready.searchable) {
        match pdf.add(picture, recognised, jpeg.as_deref()) {
            Ok(()) => {}
            Err(AddError::Picture(error)) => desk.warn(Warning::from(error).of_page(number)),
            Err(AddError::Write(error)) => desk.or_stop(Err(super::storage(error)))?,
        }
    }
    let mut page = ready.page;
    if !desk.input().words {
        page.blocks.iter_mut().for_each(|block| block.words.clear());
    }
    desk.page(page)
}

/// Whether the text of a page is to be read from its picture.
fn is_to_be_read(ocr: Ocr, share: &PictureShare) -> bool {
    match ocr {
        Ocr::Never => false,
        Ocr::Always => true,
        Ocr::Auto => {
            (share.characters < FEW_CHARACTERS && share.image_cover >= MOSTLY_PICTURE)
                || share.broken_share >= MOSTLY_BROKEN
        }
    }
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

fn not_read(page: u32, plan: &Plan) -> Warning {
    let message = if plan.models.is_empty() {
        "none of the languages that were asked for is installed; the picture of the page was not read"
    } else {
        "as many pages as may be were read from their pictures; this one was not"
    };
    Warning::new("not_recognised", message).of_page(page).with_loss()
}
