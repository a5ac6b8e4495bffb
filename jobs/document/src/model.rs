//! What is a document, once it is read? Pages of blocks in reading order.
//!
//! Lengths are in points (1/72 inch) from the top left corner of the page as a reader sees it, rotation applied; in an image
//! without a resolution, a pixel is a point. Offsets into texts are in bytes of UTF-8.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::ReadError;

/// What a page of the model is in its format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// A page of paper; a format without pages is one page.
    #[default]
    Page,
    /// A sheet of a workbook.
    Sheet,
    /// A slide.
    Slide,
    /// A chapter of a book, or a part of a message.
    Part,
}

/// Where a text comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextSource {
    /// The document says it.
    #[default]
    Text,
    /// It was read from a picture.
    Ocr,
}

/// A rectangle: left, top, right, bottom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rect {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
}

/// A page, sheet, slide or part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    /// From 1 on.
    pub number: u32,
    /// What it is in its format.
    pub kind: PageKind,
    /// The name of a sheet, the title of a chapter, the file name of a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Width in points, where the format has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<f32>,
    /// Height in points, where the format has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<f32>,
    /// By how many degrees, clockwise, the page was turned to be read.
    #[serde(default)]
    pub rotation: f32,
    /// The language found, as a tag of BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Where its text comes from.
    pub source: TextSource,
    /// The mean confidence of its words, 0 to 1, where its text was read from a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// What it says, in reading order.
    pub blocks: Vec<Block>,
}

/// A piece of a page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Block {
    /// What it is.
    #[serde(flatten)]
    pub kind: BlockKind,
    /// Its text, plain; lines of a paragraph are joined, those of code and of verse are not. Of a table: a line a row,
    /// cells apart by tabs. Of a figure: its alternative text.
    pub text: String,
    /// Where it is on the page.
    #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
    pub bounds: Option<Rect>,
    /// Marks on parts of the text, in order of their start; they may nest, and do not cross.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    /// Where its text comes from.
    pub source: TextSource,
    /// The mean confidence of its words, 0 to 1, where they were read from a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Its words with their places, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
}

impl Block {
    /// Leaves the first `length` bytes of the text, or some fewer, so that no character is parted.
    pub fn cut(&mut self, length: usize) {
        let length = self.text.floor_char_boundary(length);
        self.text.truncate(length);
        let end = u32::try_from(length).unwrap_or(u32::MAX);
        self.spans.retain_mut(|span| {
            span.end = span.end.min(end);
            span.start < span.end
        });
    }
}

/// What a block is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BlockKind {
    /// A heading; 1 is the highest level, 6 the lowest.
    Heading {
        /// 1 to 6.
        level: u8,
    },
    /// A paragraph.
    #[default]
    Paragraph,
    /// An item of a list.
    ListItem {
        /// How deep, from 0 on.
        level: u8,
        /// Its number in an ordered list; none in an unordered one.
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<u32>,
    },
    /// A table.
    Table(Table),
    /// A picture.
    Figure,
    /// Code, verbatim.
    Code {
        /// The programming language, where the document names it.
        #[serde(skip_serializing_if = "Option::is_none")]
        code_language: Option<String>,
    },
    /// A quotation.
    Quote,
    /// The line at the top of each page.
    Header,
    /// The line at the foot of each page.
    Footer,
    /// A note that the text refers to.
    Footnote,
    /// Somebody's comment on the document: an annotation.
    Comment,
    /// A field of a form, with its value: `Name: Ana`.
    Field,
}

/// A table: cells with their places.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    /// How many rows.
    pub rows: u32,
    /// How many columns.
    pub columns: u32,
    /// The cells, row by row; places that a span covers have no cell of their own.
    pub cells: Vec<Cell>,
    /// What stands over or under it as its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// Row, from 0 on.
    pub row: u32,
    /// Column, from 0 on.
    pub column: u32,
    /// How many rows it covers.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub row_span: u32,
    /// How many columns it covers.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub column_span: u32,
    /// Whether it heads a row or a column.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub header: bool,
    /// What it says.
    pub text: String,
    /// The number behind what it shows, where the format has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Where it is on the page.
    #[serde(rename = "box", default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<Rect>,
}

impl Default for Cell {
    fn default() -> Self {
        Self {
            row: 0,
            column: 0,
            row_span: 1,
            column_span: 1,
            header: false,
            text: String::new(),
            value: None,
            bounds: None,
        }
    }
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_one(value: &u32) -> bool {
    *value == 1
}

/// A mark on a part of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// Its first byte in the text.
    pub start: u32,
    /// The byte after its last one.
    pub end: u32,
    /// What it is.
    #[serde(flatten)]
    pub mark: Mark,
}

/// What is marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "mark", rename_all = "snake_case")]
pub enum Mark {
    /// Bold.
    Strong,
    /// Italic.
    Emphasis,
    /// Struck through.
    Strike,
    /// Code.
    Code,
    /// A link.
    Link {
        /// Where it leads, as the document has it.
        url: String,
    },
}

/// A word with its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Word {
    /// What it says.
    pub text: String,
    /// Where it is on the page.
    #[serde(rename = "box")]
    pub bounds: Rect,
    /// 0 to 1, where it was read from a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
}

/// What a document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Metadata {
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who wrote it; of a message, who sent it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// To whom a message went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Keywords.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// When it was made (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was changed (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// The program that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub producer: Option<String>,
    /// The language that it declares, as a tag of BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Pages, sheets or slides that it has, the ones that were not asked for too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
}

/// Characters of what a document says of itself in one place, and how many names it may give in one.
const LONGEST: usize = 1_000;
const MOST_NAMES: usize = 200;

impl Metadata {
    /// Cuts what is longer than anybody reads. No format has a limit, and all of it travels with the job.
    pub fn shorten(&mut self) {
        let single = [
            &mut self.title,
            &mut self.subject,
            &mut self.created,
            &mut self.modified,
            &mut self.producer,
            &mut self.language,
        ];
        for names in [&mut self.authors, &mut self.recipients, &mut self.keywords] {
            names.truncate(MOST_NAMES);
            names.iter_mut().for_each(cut);
        }
        single.into_iter().flatten().for_each(cut);
    }
}

fn cut(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(at);
        text.push('…');
    }
}

/// Something that a reader of the result should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// The page, from 1 on, where it is that of a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// A stable code in `snake_case`.
    pub code: String,
    /// What happened.
    pub message: String,
    /// Whether something of the document is missing because of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loss: bool,
}

impl Warning {
    /// One of the whole document, of which nothing is missing.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { page: None, code: code.into(), message: message.into(), loss: false }
    }

    /// The same, of one page.
    #[must_use]
    pub fn of_page(self, number: u32) -> Self {
        Self { page: Some(number), ..self }
    }

    /// The same, where something is missing.
    #[must_use]
    pub fn with_loss(self) -> Self {
        Self { loss: true, ..self }
    }
}

impl From<ReadError> for Warning {
    /// What could not be read is missing.
    fn from(error: ReadError) -> Self {
        Self::new(error.code, error.message).with_loss()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_document_says_of_itself_is_cut() {
        let long = "ã".repeat(LONGEST + 1);
        let mut metadata = Metadata {
            title: Some(long.clone()),
            authors: vec![long; MOST_NAMES + 1],
            ..Metadata::default()
        };
        metadata.shorten();
        assert_eq!(metadata.title.as_ref().map(|title| title.chars().count()), Some(LONGEST + 1));
        assert!(metadata.title.is_some_and(|title| title.ends_with("ã…")));
        assert_eq!(metadata.authors.len(), MOST_NAMES);
        assert!(metadata.authors.iter().all(|author| author.ends_with('…')));
    }
}
