//! A tenant's own template: Typst source that is given the report and its dataset.
//!
//! `json("/report.json")` has all that is shown, in words of the report's language; `json("/dataset.json")` the dataset;
//! `image("/logo")` the logo, if there is one. Loops without an end meet the processor time of the sandbox.

use super::data::Sheet;
use super::fonts::ALL;
use super::page::{identity, told};
use super::press::Press;
use crate::dataset::Dataset;
use crate::error::ReportError;
use crate::model::Report;
use crate::render::Made;
use crate::words::shortened;
use crate::write::Logo;

/// Characters of what is told of a mistake.
const TOLD: usize = 2_000;

/// Sets a template.
///
/// # Errors
/// What is wrong with it, with lines.
pub fn template(
    source: &[u8],
    report: &Report<'_>,
    dataset: &Dataset,
    logo: Option<&Logo<'_>>,
) -> Result<Made, ReportError> {
    let source = std::str::from_utf8(source).map_err(|error| {
        let before = source.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        ReportError::Template(format!("line {line}: the template is no UTF-8"))
    })?;
    let fault = |cause: serde_json::Error| ReportError::Write { format: "PDF", cause: cause.to_string() };
    let sheet = Sheet::new(report, logo.is_some(), usize::MAX, &ALL);
    let mut files = vec![
        ("/report.json", serde_json::to_vec(&sheet).map_err(fault)?),
        ("/dataset.json", serde_json::to_vec(dataset).map_err(fault)?),
    ];
    files.extend(logo.map(|logo| ("/logo", logo.bytes.to_vec())));
    let press = Press::new(source.to_owned(), files, &ALL, report.data_until)
        .ok_or_else(|| ReportError::Template("it cannot be read".to_owned()))?;
    let bytes = press
        .print(&identity(report), &[])
        .map_err(|faults| ReportError::Template(shortened(&told(&faults), TOLD)))?;
    Ok(Made { name: "report.pdf", media_type: "application/pdf", bytes, warning: None })
}
