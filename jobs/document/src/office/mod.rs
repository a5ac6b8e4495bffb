//! Office documents and books: how does each format become pages of blocks?
//!
//! `archive` opens the packages, `xml` reads their parts, `compound` opens the older container. `story` gathers what flows
//! (DOCX, ODT, RTF, DOC), `sheet` what lies in cells (XLSX, XLSB, XLS, ODS); slides and chapters are pages already.

pub mod archive;
mod book;
mod compound;
mod deck;
mod drawing;
mod grid;
mod labels;
mod lines;
mod mathml;
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
use super::limits::DocumentLimits;
use super::model::Metadata;
use super::sink::PageSink;
use output::Output;

/// The formats that are read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficeFormat {
    /// WordprocessingML.
    Docx,
    /// SpreadsheetML.
    Xlsx,
    /// The binary form of SpreadsheetML.
    Xlsb,
    /// PresentationML.
    Pptx,
    /// Word 97 to 2003.
    Doc,
    /// Excel 5 to 2003.
    Xls,
    /// PowerPoint 97 to 2003.
    Ppt,
    /// A text of OpenDocument.
    Odt,
    /// A spreadsheet of OpenDocument.
    Ods,
    /// A presentation of OpenDocument.
    Odp,
    /// Rich Text Format.
    Rtf,
    /// A book.
    Epub,
}

/// Reads the document at `path` and hands its pages to `sink`.
///
/// # Errors
/// When nothing of it can be given: it is locked, broken, or past a limit from the start. What goes wrong later is a warning.
pub fn read(
    format: OfficeFormat,
    path: &Path,
    limits: &DocumentLimits,
    sink: &mut dyn PageSink,
) -> Result<Metadata, ReadError> {
    let mut output = Output::new(limits, sink);
    let read = match format {
        OfficeFormat::Docx => word::docx::read(path, &mut output),
        OfficeFormat::Xlsx => workbook::xlsx::read(path, &mut output),
        OfficeFormat::Xlsb => workbook::xlsb::read(path, &mut output),
        OfficeFormat::Pptx => deck::pptx::read(path, &mut output),
        OfficeFormat::Doc => word::doc::read(path, &mut output),
        OfficeFormat::Xls => workbook::xls::read(path, &mut output),
        OfficeFormat::Ppt => deck::ppt::read(path, &mut output),
        OfficeFormat::Odt => odf::text::read(path, &mut output),
        OfficeFormat::Ods => odf::spreadsheet::read(path, &mut output),
        OfficeFormat::Odp => odf::presentation::read(path, &mut output),
        OfficeFormat::Rtf => rtf::read(path, &mut output),
        OfficeFormat::Epub => book::read(path, &mut output),
    };
    output.finish();
    read
}
