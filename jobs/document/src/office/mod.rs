//! Office documents and books: how does each format become pages of blocks?
//!
//! `archive` opens the packages, `xml` reads their parts, `compound` opens the older container. `story` gathers what flows
//! (DOCX, ODT, RTF, DOC), `sheet` what lies in cells (XLSX, XLSB, XLS, ODS); slides and chapters are pages already.

pub mod archive;
mod book;
mod compound;
mod deck;
mod drawing;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod grid;
mod labels;
mod lines;
mod odf;
mod ooxml;
mod output;
mod properties;
mod rtf;
mod sheet;
mod story;
mod word;
mod workbook;
pub mod xml;

use std::path::Path;

use super::error::ReadError;
use super::format::Format;
use super::limits::DocumentLimits;
use super::model::Metadata;
use super::sink::PageSink;
use output::Output;

/// Reads the document at `path` and hands its pages to `sink`.
///
/// # Errors
/// When nothing of it can be given: it is locked, broken, or past a limit from the start. What goes wrong later is a warning.
pub fn read(
    format: Format,
    path: &Path,
    limits: &DocumentLimits,
    sink: &mut dyn PageSink,
) -> Result<Metadata, ReadError> {
    let mut output = Output::new(limits, sink);
    let read = match format {
        // Its reader says that a document is locked.
        Format::Docx | Format::EncryptedOffice => word::docx::read(path, &mut output),
        Format::Xlsx => workbook::xlsx::read(path, &mut output),
        Format::Xlsb => workbook::xlsb::read(path, &mut output),
        Format::Pptx => deck::pptx::read(path, &mut output),
        Format::Doc => word::doc::read(path, &mut output),
        Format::Xls => workbook::xls::read(path, &mut output),
        Format::Ppt => deck::ppt::read(path, &mut output),
        Format::Odt => odf::text::read(path, &mut output),
        Format::Ods => odf::spreadsheet::read(path, &mut output),
        Format::Odp => odf::presentation::read(path, &mut output),
        Format::Rtf => rtf::read(path, &mut output),
        Format::Epub => book::read(path, &mut output),
        other => return Err(other.misplaced()),
    };
    output.finish();
    read
}
