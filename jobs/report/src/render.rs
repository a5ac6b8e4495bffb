//! How does a dataset become files? A pure function: the same input, dataset and materials give the same bytes.

use std::path::Path;

use crate::compose::compose;
use crate::dataset::Dataset;
use crate::error::ReportError;
use crate::input::{Format, Input};
use crate::limits::ReportLimits;
use crate::write;

/// What a report is made of besides its dataset.
#[derive(Debug, Clone, Copy)]
pub struct Materials<'a> {
    /// The bytes of the logo.
    pub logo: Option<&'a [u8]>,
    /// The source of the tenant's own template.
    pub template: Option<&'a [u8]>,
    /// A folder for rows of a workbook on their way; nothing in it matters before or after.
    pub scratch: &'a Path,
}

/// A file of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What the artifact is called.
    pub name: &'static str,
    /// What it is.
    pub media_type: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Makes the files of a report, one a format; the PDF in any case, and first.
///
/// # Errors
/// Where the template or the logo has a fault, or the dataset is one of another report.
pub fn render(
    input: &Input,
    dataset: &Dataset,
    materials: &Materials<'_>,
    limits: &ReportLimits,
) -> Result<Vec<Made>, ReportError> {
    let others = input.formats.iter().copied().filter(|format| *format != Format::Pdf);
    let formats = std::iter::once(Format::Pdf).chain(others);
    formats.map(|format| render_one(format, input, dataset, materials, limits)).collect()
}

/// Makes the file of one format, whichever the input asks for.
///
/// # Errors
/// As [`render`].
pub fn render_one(
    format: Format,
    input: &Input,
    dataset: &Dataset,
    materials: &Materials<'_>,
    limits: &ReportLimits,
) -> Result<Made, ReportError> {
    let report = compose(input, dataset, limits)?;
    let logo = materials.logo.map(|bytes| write::logo(bytes, limits)).transpose()?;
    match (format, materials.template) {
        (Format::Pdf, Some(template)) => write::template(template, &report, dataset, logo.as_ref()),
        (Format::Pdf, None) => write::pdf(&report, logo.as_ref(), limits),
        (Format::Xlsx, _) => write::xlsx(&report, materials.scratch),
        (Format::Csv, _) => write::csv(&report),
        (Format::Html, _) => Ok(write::html(&report, logo.as_ref(), limits)),
        (Format::Json, _) => write::json(&report),
    }
}
