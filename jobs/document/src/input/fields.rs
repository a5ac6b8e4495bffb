//! The whole input of a job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::languages::Language;
use super::pages::PageRanges;
use super::password::Password;

/// A document, and what is wanted of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The document: `upload://…`, `artifact://job/name`, `s3://bucket/key`, or `https://…` where the operator allows the
    /// host. What it is, its content tells, not its name.
    #[schemars(length(min = 1, max = 2048), extend("examples" = ["upload://0192f0c1-2345-7abc-8def-000000000001"]))]
    pub source: String,
    /// The password of an encrypted document.
    #[serde(default, skip_serializing)]
    pub password: Option<Password>,
    /// Which pages, sheets, slides or parts are read, in ranges: `1-3,7,10-` is the first three, the seventh, and from the
    /// tenth on. Left out, all of them.
    #[serde(default)]
    pub pages: PageRanges,
    /// When the text of a page is read from its picture.
    #[serde(default)]
    pub ocr: Ocr,
    /// The languages that may stand in pictures, the most frequent first: codes of ISO 639 (`por`, `pt`) or tags of BCP 47
    /// (`pt-BR`). `auto` finds out between Portuguese and English.
    #[serde(default = "auto")]
    #[schemars(length(min = 1, max = 8), extend("examples" = [["por", "eng"], ["pt-BR"], ["auto"]]))]
    pub languages: Vec<Language>,
    /// Whether tables are looked for where the format does not mark them, as in a PDF. Those of formats that have tables are
    /// read anyway.
    #[serde(default = "yes")]
    pub tables: bool,
    /// Whether files that are attached to a message or a PDF are read as well, each as a part. Those of a bundle are in any
    /// case.
    #[serde(default = "yes")]
    pub attachments: bool,
    /// Whether `document.json` tells each word with its place, where the format has places.
    #[serde(default)]
    pub words: bool,
    /// How the pictures of pages are made, when `outputs` asks for them.
    #[serde(default)]
    pub images: Images,
    /// What is written, each as an artifact of the job.
    #[serde(default = "usual_outputs")]
    #[schemars(length(max = 8), extend("uniqueItems" = true))]
    pub outputs: Vec<Output>,
    /// Whether the document can be found by `GET /v1/search`.
    #[serde(default = "yes")]
    pub index: bool,
}

impl Input {
    /// Whether this is to be written.
    #[must_use]
    pub fn wants(&self, output: Output) -> bool {
        self.outputs.contains(&output)
    }

    /// The models of the text recognition, in their order; none when they are to be found out.
    #[must_use]
    pub fn ocr_models(&self) -> Vec<&'static str> {
        let mut models = Vec::new();
        for model in self.languages.iter().filter_map(Language::ocr_model) {
            if !models.contains(&model) {
                models.push(model);
            }
        }
        models
    }
}

/// When the text of a page is read from its picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ocr {
    /// Where the page has little or broken text and a picture that may hold some.
    #[default]
    Auto,
    /// On every page that has a picture of itself; text that the document holds is not used there.
    Always,
    /// Never: pictures without text stay silent.
    Never,
}

/// What can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// `document.json`: everything, in a form of its own JSON Schema.
    Json,
    /// `document.md`: GitHub's Markdown.
    Md,
    /// `document.txt`: plain text.
    Txt,
    /// `tables.xlsx`: a workbook, a sheet a table.
    Xlsx,
    /// `tables/001.csv` and so on: a file a table.
    Csv,
    /// `pages/0001.webp` and so on: a picture of each page.
    Images,
    /// `thumbnails/0001.webp` and so on: a small picture of each page.
    Thumbnails,
    /// `searchable.pdf`: the pages with their text behind the picture. Of a PDF or a picture.
    SearchablePdf,
}

/// How the pictures of pages are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Images {
    /// Width of a page's picture, in pixels; the height follows.
    #[schemars(range(min = 64, max = 4096))]
    pub width: u32,
    /// The format of both kinds of pictures.
    pub format: ImageFormat,
    /// Width of a thumbnail, in pixels.
    #[schemars(range(min = 16, max = 1024))]
    pub thumbnail_width: u32,
}

impl Default for Images {
    fn default() -> Self {
        Self { width: 1_600, format: ImageFormat::Webp, thumbnail_width: 320 }
    }
}

/// The format of a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImageFormat {
    /// WebP: small.
    #[default]
    Webp,
    /// PNG: read by everything.
    Png,
}

fn auto() -> Vec<Language> {
    vec![Language::Auto]
}

fn yes() -> bool {
    true
}

fn usual_outputs() -> Vec<Output> {
    vec![Output::Json, Output::Md, Output::Txt]
}
