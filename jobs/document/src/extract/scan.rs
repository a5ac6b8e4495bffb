//! How is a page worked on beside others? Its picture is read and drawn smaller by a thread of its own.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::error::ReadError;
use super::super::input::{ImageFormat, Input, Output};
use super::super::limits::DocumentLimits;
use super::super::model::{Block, BlockKind, Page, Rect, Warning};
use super::super::ocr::{Engine, Options, Picture, PictureFormat, Recognised, encode};

/// The quality of a picture with losses, from 1 to 100: letters stay sharp.
const QUALITY: u8 = 80;

/// The data by which tesseract tells which side of a page is up.
const ORIENTATION: &str = "osd";

/// What is done with pages, whatever they are pages of.
pub struct Plan {
    /// The models of the text recognition.
    pub models: Vec<String>,
    /// Warnings about models that are not there.
    pub warnings: Vec<Warning>,
    tessdata: std::path::PathBuf,
    options: Options,
    width: Option<u32>,
    thumbnail: Option<u32>,
    format: ImageFormat,
    searchable: bool,
}

/// A page before its picture was looked at.
pub struct Sheet {
    /// From 1 on.
    pub number: u32,
    /// What its format says.
    pub page: Page,
    /// Its picture, where that is needed.
    pub picture: Option<Picture>,
    /// The file of the picture, where it is a JPEG with the same pixels.
    pub jpeg: Option<Vec<u8>>,
    /// Whether it is to be read from its picture.
    pub scan: bool,
    /// Where its format has texts that stand beside what is to be read: those are told as they are, and not read again.
    pub stamps: Vec<Rect>,
    /// What an earlier attempt has read.
    pub kept: Option<Kept>,
    /// What went wrong with it.
    pub warnings: Vec<Warning>,
}

/// What the text recognition found, as it outlives an attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    page: Page,
    quarters: u8,
    skew: f32,
    warnings: Vec<Warning>,
}

/// A page that is ready.
pub struct Ready {
    /// The page.
    pub page: Page,
    /// What is to be kept for a later attempt.
    pub keep: Option<Kept>,
    /// Its picture, and its thumbnail.
    pub image: Option<Vec<u8>>,
    /// A small one.
    pub thumbnail: Option<Vec<u8>>,
    /// For a PDF that can be searched.
    pub searchable: Option<(Picture, Recognised, Option<Vec<u8>>)>,
    /// What a reader should know.
    pub warnings: Vec<Warning>,
}

/// The engine of a thread; made when the first picture is to be read.
#[derive(Default)]
pub struct Reader(Option<Engine>);

impl Plan {
    /// What `input` asks for.
    pub fn new(input: &Input, limits: &DocumentLimits) -> Self {
        let asked = input.ocr_models();
        let asked = if asked.is_empty() { vec!["por", "eng"] } else { asked };
        let (there, missing): (Vec<&str>, Vec<&str>) =
            asked.into_iter().partition(|model| is_installed(&limits.tessdata, model));
        let warning = |model: &&str| {
            let message =
                format!("the model {model} of the text recognition is not installed, and is left out");
            Warning::new("language_not_installed", message)
        };
        let mut warnings: Vec<Warning> = missing.iter().map(warning).collect();
        if !is_installed(&limits.tessdata, ORIENTATION) {
            let message = "the data to find out which side of a page is up are not installed; pages are read as they stand";
            warnings.push(Warning::new("orientation_not_installed", message));
        }
        Self {
            warnings,
            models: there.into_iter().map(str::to_owned).collect(),
            tessdata: limits.tessdata.clone(),
            options: Options {
                time: Duration::from_secs(limits.ocr_page_seconds.into()),
                tables: input.tables,
            },
            width: input.wants(Output::Images).then_some(input.images.width),
            thumbnail: input.wants(Output::Thumbnails).then_some(input.images.thumbnail_width),
            format: input.images.format,
            searchable: input.wants(Output::SearchablePdf),
        }
    }

    /// The widest picture that is asked for, beside those that are read.
    pub fn shown_width(&self) -> Option<u32> {
        self.width.max(self.thumbnail)
    }

    /// Whether a searchable PDF is asked for.
    pub fn is_searchable(&self) -> bool {
        self.searchable
    }

    /// `webp` or `png`, and its media type.
    pub fn image_type(&self) -> (&'static str, &'static str) {
        match self.format {
            ImageFormat::Webp => ("webp", "image/webp"),
            ImageFormat::Png => ("png", "image/png"),
        }
    }

    /// Reads and draws what is to be read and drawn of a page.
    ///
    /// # Errors
    /// When the text recognition is not installed.
    pub fn finish(&self, reader: &mut Reader, sheet: Sheet) -> Result<Ready, ReadError> {
        let mut warnings = sheet.warnings;
        let (mut recognised, keep) = match (sheet.kept, &sheet.picture) {
            (Some(kept), _) => (Some(kept.recognised()), None),
            (None, Some(picture)) if sheet.scan => {
                let engine = reader.engine(self)?;
                let bare = (!sheet.stamps.is_empty()).then(|| picture.without(&sheet.stamps));
                match engine.recognise(bare.as_ref().unwrap_or(picture), sheet.number, &self.options) {
                    Ok(recognised) => {
                        let kept = Kept::of(&recognised);
                        (Some(recognised), Some(kept))
                    }
                    Err(error) => {
                        warnings.push(Warning::from(error).of_page(sheet.number));
                        (None, None)
                    }
                }
            }
            _ => (None, None),
        };
        let page = match &mut recognised {
            Some(recognised) => {
                warnings.extend(recognised.warnings.clone());
                if !sheet.stamps.is_empty() {
                    add_stamps(recognised, &sheet.page);
                }
                with_notes(recognised.page.clone(), sheet.page)
            }
            None => sheet.page,
        };
        let draw = |picture: &Picture, width: u32| {
            let format = match self.format {
                ImageFormat::Webp => PictureFormat::WebP(QUALITY),
                ImageFormat::Png => PictureFormat::Png,
            };
            encode(picture, format, Some(width))
        };
        let mut drawn = |width: Option<u32>| match (&sheet.picture, width) {
            (Some(picture), Some(width)) => match draw(picture, width) {
                Ok(bytes) => Some(bytes),
                Err(error) => {
                    warnings.push(Warning::from(error).of_page(sheet.number));
                    None
                }
            },
            _ => None,
        };
        let (image, thumbnail) = (drawn(self.width), drawn(self.thumbnail));
        let searchable = match sheet.picture {
            Some(picture) if self.searchable => {
                let of_text =
                    || Recognised { page: page.clone(), quarters: 0, skew: 0.0, warnings: Vec::new() };
                Some((picture, recognised.unwrap_or_else(of_text), sheet.jpeg))
            }
            _ => None,
        };
        Ok(Ready { page, keep, image, thumbnail, searchable, warnings })
    }
}

impl Reader {
    fn engine(&mut self, plan: &Plan) -> Result<&mut Engine, ReadError> {
        match &mut self.0 {
            Some(engine) => Ok(engine),
            none => {
                let models: Vec<&str> = plan.models.iter().map(String::as_str).collect();
                Ok(none.insert(Engine::new(&plan.tessdata, &models)?))
            }
        }
    }
}

impl Kept {
    fn of(recognised: &Recognised) -> Self {
        let Recognised { page, quarters, skew, warnings } = recognised.clone();
        Self { page, quarters, skew, warnings }
    }

    fn recognised(self) -> Recognised {
        Recognised { page: self.page, quarters: self.quarters, skew: self.skew, warnings: self.warnings }
    }
}

/// Adds the texts that stood beside what was read, above it or below.
fn add_stamps(recognised: &mut Recognised, said: &Page) {
    let middle = said.height.unwrap_or_default() / 2.0;
    let is_stamp =
        |block: &&Block| !matches!(block.kind, BlockKind::Figure | BlockKind::Comment | BlockKind::Field);
    let place = |block: &Block| {
        let mut block = block.clone();
        let is_above = block.bounds.is_some_and(|bounds| bounds.y1 < middle);
        if recognised.quarters != 0 {
            // The page lies otherwise now than where these places are.
            block.bounds = None;
            block.words.clear();
        }
        (is_above, block)
    };
    let (above, below): (Vec<_>, Vec<_>) =
        said.blocks.iter().filter(is_stamp).map(place).partition(|(is_above, _)| *is_above);
    let blocks = &mut recognised.page.blocks;
    blocks.splice(..0, above.into_iter().map(|(_, block)| block));
    blocks.extend(below.into_iter().map(|(_, block)| block));
}

/// Comments and fields of a form are no part of the picture's text.
fn with_notes(mut read: Page, said: Page) -> Page {
    let notes =
        said.blocks.into_iter().filter(|block| matches!(block.kind, BlockKind::Comment | BlockKind::Field));
    read.blocks.extend(notes);
    read
}

fn is_installed(tessdata: &Path, model: &str) -> bool {
    tessdata.join(format!("{model}.traineddata")).exists()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stamp_stands_once_where_it_stood() {
        let block = |text: &str, y0: f32| Block {
            text: text.to_owned(),
            bounds: Some(Rect { x0: 0.0, y0, x1: 100.0, y1: y0 + 10.0 }),
            ..Block::default()
        };
        let figure = Block { kind: BlockKind::Figure, ..block("", 100.0) };
        let blocks = vec![block("acima", 10.0), figure, block("Num. 1 - Pág. 1", 800.0)];
        let said = Page { height: Some(842.0), blocks, ..Page::default() };
        let read = Page { blocks: vec![block("lido", 300.0)], ..Page::default() };
        let mut recognised = Recognised { page: read, quarters: 1, skew: 0.0, warnings: Vec::new() };
        add_stamps(&mut recognised, &said);
        let texts: Vec<&str> = recognised.page.blocks.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(texts, ["acima", "lido", "Num. 1 - Pág. 1"]);
        assert_eq!(recognised.page.blocks[2].bounds, None);
    }

    #[test]
    fn what_is_kept_has_the_form_that_its_version_names() {
        let blocks = vec![Block { text: "um".to_owned(), ..Block::default() }];
        let page = Page { number: 1, blocks, ..Page::default() };
        let kept = Kept { page, quarters: 1, skew: 0.5, warnings: Vec::new() };
        let form = json!({
            "page": {"number": 1, "kind": "page", "rotation": 0.0, "source": "text",
                     "blocks": [{"type": "paragraph", "text": "um", "source": "text"}]},
            "quarters": 1, "skew": 0.5, "warnings": [],
        });
        // Where this has to change, so has the version: what older workers kept is not read then.
        assert_eq!((serde_json::to_value(kept).unwrap(), super::super::CHECKPOINTS), (form, "1"));
    }
}
