//! What is a piece of a page?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Rect, Span, Table, TextSource};

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
    /// Of a footnote: the name by which the mark `note` in a text refers to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
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
