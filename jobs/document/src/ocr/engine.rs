//! How does a picture become a page of text?

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::clock::Deadline;
use super::super::error::ReadError;
use super::super::model::{Page, PageKind, Rect, TextSource, Warning};
use super::ink::Ink;
use super::layout::blocks;
use super::noise::{mean_confidence, without_noise};
use super::picture::{Gray, Picture};
use super::prepare::Prepared;
use super::tables::grids;
use super::tesseract::{PixelBox, RawWord, Reading, Tesseract, UNAVAILABLE};

/// An upright letter `x` of usual text (10 points) is so many times lower than an inch.
const LETTERS_AN_INCH: f32 = 16.0;
/// How sure tesseract has to be of the way up.
const SURE_OF_ORIENTATION: f32 = 1.0;

/// Reads pictures. One for each thread, for as long as there are pictures: its data take a while to load.
pub struct Engine {
    tessdata: PathBuf,
    reader: Tesseract,
    orientation: Option<Tesseract>,
}

/// How a picture is read.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// After so much work of the processor, what was read until then is the result. It counts the reading; finding the lines comes
    /// before it and cannot be cut short.
    pub time: Duration,
    /// Whether tables with drawn lines are looked for.
    pub tables: bool,
}

/// What was read from a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Recognised {
    /// The page, with the places of all its words. They are places in the picture after `quarters`, before `skew`.
    pub page: Page,
    /// By how many quarters of a circle, clockwise, the picture was turned.
    pub quarters: u8,
    /// By how many degrees, clockwise, it was straightened after that.
    pub skew: f32,
    /// What a reader should know.
    pub warnings: Vec<Warning>,
}

impl Engine {
    /// An engine that reads `languages` (`por`, `eng`) with the data at `tessdata`, the likeliest first.
    ///
    /// # Errors
    /// When tesseract or its data are not installed.
    pub fn new(tessdata: &Path, languages: &[&str]) -> Result<Self, ReadError> {
        let reader = Tesseract::new(tessdata, &languages.join("+"))?;
        Ok(Self { tessdata: tessdata.to_owned(), reader, orientation: None })
    }

    /// Reads `picture` as page `number`, from 1 on.
    ///
    /// # Errors
    /// When tesseract's data for orientation are not installed, or the picture is too large for it.
    pub fn recognise(
        &mut self,
        picture: &Picture,
        number: u32,
        options: &Options,
    ) -> Result<Recognised, ReadError> {
        let deadline = Deadline::of_thread(options.time);
        let prepared = Prepared::new(picture, |gray| self.quarters(gray))?;
        let Reading { words, cut_short } = self.read(&prepared, deadline);
        let page = page(picture, &prepared, without_noise(&words), number, options.tables);
        let mut warnings = Vec::new();
        if cut_short {
            let message = format!("the page was not read to its end within {} s", options.time.as_secs());
            warnings.push(Warning::new("ocr_cut_short", message).of_page(number).with_loss());
        }
        if prepared.is_grain {
            let message = "the picture is noise or a pattern, and was not read";
            warnings.push(Warning::new("ocr_no_lines", message).of_page(number));
        }
        Ok(Recognised { page, quarters: prepared.quarters, skew: prepared.skew, warnings })
    }

    fn read(&mut self, prepared: &Prepared, deadline: Deadline) -> Reading {
        if prepared.is_grain || prepared.pieces.count == 0 {
            return Reading::default();
        }
        let dpi = (prepared.pieces.letter_height * LETTERS_AN_INCH).clamp(70.0, 600.0) as u32;
        self.reader.read(&prepared.gray, dpi, deadline)
    }

    /// By how many quarters of a circle, clockwise, a page has to be turned, by what tesseract recognises of it.
    fn quarters(&mut self, gray: &Gray) -> Result<u8, ReadError> {
        let judge = match &mut self.orientation {
            Some(judge) => judge,
            none => match Tesseract::for_orientation(&self.tessdata) {
                Ok(judge) => none.insert(judge),
                // Its data are apart from those of the languages: without them, pages are read as they stand.
                Err(error) if error.code == UNAVAILABLE => return Ok(0),
                Err(error) => return Err(error),
            },
        };
        Ok(match judge.orientation(gray, 300) {
            Some((degrees, sure)) if sure > SURE_OF_ORIENTATION => {
                u8::try_from((360 - degrees) / 90 % 4).unwrap_or(0)
            }
            _ => 0,
        })
    }
}

/// The page of the model.
fn page(picture: &Picture, prepared: &Prepared, words: Vec<RawWord>, number: u32, tables: bool) -> Page {
    let points = picture.points_per_pixel();
    let (mut width, mut height) = (picture.width() as f32 * points, picture.height() as f32 * points);
    if prepared.quarters % 2 == 1 {
        std::mem::swap(&mut width, &mut height);
    }
    let place = |b: PixelBox| {
        let [x0, y0, x1, y1] = prepared.place(b).map(|pixels| pixels * points);
        let (x0, x1) = (x0.clamp(0.0, width), x1.clamp(0.0, width));
        let (y0, y1) = (y0.clamp(0.0, height), y1.clamp(0.0, height));
        Rect { x0, y0, x1, y1 }
    };
    let grids = if words.is_empty() || !tables {
        Vec::new()
    } else {
        grids(&Ink::of(&prepared.gray), prepared.pieces.letter_height)
    };
    Page {
        number,
        kind: PageKind::Page,
        name: None,
        width: Some(width),
        height: Some(height),
        rotation: f32::from(prepared.quarters) * 90.0 + prepared.skew,
        language: None,
        source: TextSource::Ocr,
        confidence: (!words.is_empty()).then(|| mean_confidence(&words)),
        blocks: blocks(words, &grids, place),
    }
}
