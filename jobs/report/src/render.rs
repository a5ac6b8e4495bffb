//! How does a dataset become files? A pure function: the same input, dataset and materials give the same bytes.

use std::path::Path;

use crate::compose::compose;
use crate::dataset::Dataset;
use crate::error::ReportError;
use crate::input::{Format, Input};
use crate::limits::ReportLimits;
use crate::model::Report;
use crate::write::{self, Logo};

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
    /// What it does not keep of what its format promises, if anything.
    pub warning: Option<String>,
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
    let report = compose(input, dataset, limits)?;
    files(&report, input, dataset, materials, limits)
}

/// The same of a report that is composed already.
pub(crate) fn files(
    report: &Report<'_>,
    input: &Input,
    dataset: &Dataset,
    materials: &Materials<'_>,
    limits: &ReportLimits,
) -> Result<Vec<Made>, ReportError> {
    let logo = logo(materials, limits)?;
    let others = input.formats.iter().copied().filter(|format| *format != Format::Pdf);
    let formats = std::iter::once(Format::Pdf).chain(others);
    formats.map(|format| file(format, report, dataset, logo.as_ref(), materials, limits)).collect()
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
    file(format, &report, dataset, logo(materials, limits)?.as_ref(), materials, limits)
}

fn logo<'a>(materials: &Materials<'a>, limits: &ReportLimits) -> Result<Option<Logo<'a>>, ReportError> {
    materials.logo.map(|bytes| write::logo(bytes, limits)).transpose()
}

fn file(
    format: Format,
    report: &Report<'_>,
    dataset: &Dataset,
    logo: Option<&Logo<'_>>,
    materials: &Materials<'_>,
    limits: &ReportLimits,
) -> Result<Made, ReportError> {
    match (format, materials.template) {
        (Format::Pdf, Some(template)) => write::template(template, report, dataset, logo),
        (Format::Pdf, None) => write::pdf(report, logo, limits),
        (Format::Xlsx, _) => write::xlsx(report, materials.scratch),
        (Format::Csv, _) => write::csv(report),
        (Format::Html, _) => Ok(write::html(report, logo, limits)),
        (Format::Json, _) => write::json(report),
    }
}
