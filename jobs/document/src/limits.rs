//! What does the operator allow a document?

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The operator's settings of `document.extract`: every limit, with its default, and where its libraries are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentLimits {
    /// Bytes of a document.
    pub bytes: u64,
    /// Pages, sheets or slides that are read of one document.
    pub pages: u32,
    /// Pages of which the text is read from their picture.
    pub ocr_pages: u32,
    /// Pixels of a picture, told by its header.
    pub pixels: u64,
    /// Files of an archive, and of a format that is one (DOCX, ODT, EPUB).
    pub archive_entries: u32,
    /// Bytes of one file of an archive, unpacked.
    pub archive_part_bytes: u64,
    /// Bytes of all files of an archive, unpacked.
    pub archive_bytes: u64,
    /// How many times its packed size a file of an archive may have, beyond its first MiB.
    pub archive_ratio: u32,
    /// How deep documents may lie inside documents.
    pub nesting: u32,
    /// How deep elements of XML may nest.
    pub xml_depth: u32,
    /// How deep elements of HTML may nest.
    pub html_depth: u32,
    /// Cells of a workbook or of a CSV file.
    pub cells: u64,
    /// How deep parts of a message may nest.
    pub mime_depth: u32,
    /// Parts of a message.
    pub mime_parts: u32,
    /// Bytes of text that come out.
    pub text_bytes: u64,
    /// Bytes of all files that come out; the page at which they are more is the last one.
    pub output_bytes: u64,
    /// Seconds of the processor that a document may take, beside those of its pictures; the pages read until then are given back.
    pub seconds: u32,
    /// Seconds of the processor that the text recognition of a page adds to these.
    pub seconds_an_ocr_page: u32,
    /// Seconds after which the text recognition of a page is cut short.
    pub ocr_page_seconds: u32,
    /// The file of PDFium's library, below a folder that the sandbox shows (`/usr/lib`, `/usr/local/lib`).
    pub pdfium: PathBuf,
    /// The folder of tesseract's models, below `/usr/share/tesseract-ocr` or `/usr/local/lib`.
    pub tessdata: PathBuf,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self {
            bytes: 100 << 20,
            pages: 2_000,
            ocr_pages: 2_000,
            pixels: 100_000_000,
            archive_entries: 10_000,
            archive_part_bytes: 64 << 20,
            archive_bytes: 512 << 20,
            archive_ratio: 100,
            nesting: 3,
            xml_depth: 256,
            html_depth: 512,
            cells: 2_000_000,
            mime_depth: 32,
            mime_parts: 1_000,
            text_bytes: 50 << 20,
            output_bytes: 1 << 30,
            seconds: 60,
            seconds_an_ocr_page: 10,
            ocr_page_seconds: 20,
            pdfium: PathBuf::from("/usr/local/lib/esteira/libpdfium.so"),
            tessdata: PathBuf::from("/usr/share/tesseract-ocr/5/tessdata"),
        }
    }
}
