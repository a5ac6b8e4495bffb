//! The program's own page.

use typst_pdf::PdfStandard;

use super::data::Sheet;
use super::fonts::OWN;
use super::press::{Fault, Press};
use crate::error::ReportError;
use crate::limits::ReportLimits;
use crate::model::Report;
use crate::render::Made;
use crate::words::shortened;
use crate::write::Logo;

/// Characters of what is told of a promise that is not kept.
const TOLD: usize = 500;

/// Sets a report.
///
/// # Errors
/// Only where this program has a fault.
pub fn pdf(report: &Report<'_>, logo: Option<&Logo<'_>>, limits: &ReportLimits) -> Result<Made, ReportError> {
    let fault = |cause: String| ReportError::Write { format: "PDF", cause };
    let sheet = Sheet::new(report, logo.is_some(), limits.shown_rows, &OWN);
    let mut files =
        vec![("/report.json", serde_json::to_vec(&sheet).map_err(|error| fault(error.to_string()))?)];
    files.extend(logo.map(|logo| ("/logo", logo.bytes.to_vec())));
    let source = include_str!("report.typ").to_owned();
    let press =
        Press::new(source, files, &OWN, report.data_until).ok_or_else(|| fault("its files".to_owned()))?;
    let ident = identity(report);
    // PDF/UA-1 promises that the report can be read aloud. What cannot keep it is a report all the same.
    let (bytes, warning) = match press.print(&ident, &[PdfStandard::Ua_1]) {
        Ok(bytes) => (bytes, None),
        Err(unkept) => {
            let bytes = press.print(&ident, &[]).map_err(|faults| fault(told(&faults)))?;
            let unkept = shortened(&told(&unkept), TOLD);
            (bytes, Some(format!("report.pdf does not keep PDF/UA-1: {unkept}")))
        }
    };
    Ok(Made { name: "report.pdf", media_type: "application/pdf", bytes, warning })
}

/// What makes a report another one than those before and after it.
pub fn identity(report: &Report<'_>) -> String {
    format!(
        "{} {} {} {} {}",
        report.tenant,
        report.name,
        report.period.from,
        report.period.to,
        report.locale.tag()
    )
}

/// Faults in one line each.
pub fn told(faults: &[Fault]) -> String {
    let lines = faults.iter().map(|fault| match fault.place {
        Some((line, column)) => format!("line {line}, column {column}: {}", fault.message),
        None => fault.message.clone(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_without_a_place_is_told_by_its_message() {
        let faults = [
            Fault { place: Some((3, 7)), message: "unknown variable: x".to_owned() },
            Fault { place: None, message: "too deep".to_owned() },
        ];
        assert_eq!(told(&faults), "line 3, column 7: unknown variable: x\ntoo deep");
    }
}
