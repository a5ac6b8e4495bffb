//! What is a page?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Block;

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
