//! Is an input sensible? Everything that it alone shows, against the operator's limits.

use esteira_engine::job::{CheckedInput, FileReference, FileUri, InputError};

use super::fields::{Format, Input};
use super::which::Which;
use crate::limits::ReportLimits;
use crate::period::Asked;

/// Bytes of a reference to a file, and characters of a name.
const URI_BYTES: usize = 2_048;
const NAME_CHARACTERS: usize = 120;

/// Checks an input; answers the files that it names, and what may not be meant.
///
/// # Errors
/// Every fault, with its pointer.
pub fn check(input: &Input, limits: &ReportLimits) -> Result<CheckedInput, Vec<InputError>> {
    let mut faults = Vec::new();
    let mut files = Vec::new();
    for (pointer, uri) in
        [("/report", input.report.template()), ("/branding/logo", input.branding.logo.as_deref())]
    {
        match uri.map(|uri| file(pointer, uri)) {
            Some(Ok(file)) => files.push(file),
            Some(Err(fault)) => faults.push(fault),
            None => {}
        }
    }
    if input.branding.name.as_ref().is_some_and(|name| name.chars().count() > NAME_CHARACTERS) {
        let message = format!("it is longer than {NAME_CHARACTERS} characters");
        faults.push(InputError::new("/branding/name", message));
    }
    faults.extend(check_days(input.period.0, limits));
    faults.extend(check_formats(input));
    match faults.is_empty() {
        true => Ok(CheckedInput { files, warnings: warnings(input) }),
        false => Err(faults),
    }
}

fn file(pointer: &str, uri: &str) -> Result<FileReference, InputError> {
    if uri.len() > URI_BYTES {
        return Err(InputError::new(pointer, format!("it has {} bytes; {URI_BYTES} are allowed", uri.len())));
    }
    let uri = uri.parse::<FileUri>().map_err(|error| InputError::new(pointer, error.to_string()))?;
    Ok(FileReference { pointer: pointer.to_owned(), uri })
}

fn check_days(asked: Asked, limits: &ReportLimits) -> Option<InputError> {
    let Asked::Days(from, to) = asked else { return None };
    let days = (to - from).num_days().saturating_add(1);
    if days < 1 {
        return Some(InputError::new("/period/to", format!("{to} is before {from}")));
    }
    (days > i64::from(limits.days))
        .then(|| InputError::new("/period", format!("these are {days} days; {} are allowed", limits.days)))
}

fn check_formats(input: &Input) -> Vec<InputError> {
    let mut faults = Vec::new();
    // There are five formats: a sixth is one of them once more.
    for (at, format) in input.formats.iter().enumerate().take(6) {
        if input.formats.iter().take(at).any(|before| before == format) {
            faults.push(InputError::new(format!("/formats/{at}"), "it is named before"));
        } else if matches!(input.report, Which::Template(_)) && !matches!(format, Format::Pdf | Format::Json)
        {
            let message = "a template makes a PDF, and json has the figures: no other format";
            faults.push(InputError::new(format!("/formats/{at}"), message));
        }
    }
    faults
}

/// Things that will work and may not be meant.
fn warnings(input: &Input) -> Vec<String> {
    let mut warnings = Vec::new();
    if !input.formats.is_empty() && !input.formats.contains(&Format::Pdf) {
        warnings.push("report.pdf is made in any case".to_owned());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use serde_json::{Value, json};

    fn checked(fields: &Value) -> Result<CheckedInput, Vec<InputError>> {
        let mut input = json!({"report": "usage", "period": "yesterday", "timezone": "America/Sao_Paulo"});
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        check(&read(&input).unwrap(), &ReportLimits::default())
    }

    #[test]
    fn a_good_input_names_its_files() {
        let upload = "upload://0192f0c1-2345-7abc-8def-000000000001";
        let checked = checked(&json!({"report": upload, "branding": {"logo": upload}})).unwrap();
        let pointers: Vec<&str> = checked.files.iter().map(|file| file.pointer.as_str()).collect();
        assert_eq!(pointers, ["/report", "/branding/logo"]);
        assert!(checked.warnings.is_empty());
    }

    #[test]
    fn every_fault_points_to_its_place() {
        for (fields, pointer) in [
            (json!({"report": "file:///etc/passwd"}), "/report"),
            (json!({"branding": {"logo": "/etc/passwd"}}), "/branding/logo"),
            (json!({"branding": {"logo": format!("s3://b/{}", "k".repeat(3_000))}}), "/branding/logo"),
            (json!({"branding": {"name": "n".repeat(121)}}), "/branding/name"),
            (json!({"period": {"from": "2026-11-02", "to": "2026-11-01"}}), "/period/to"),
            (json!({"period": {"from": "2020-01-01", "to": "2026-11-01"}}), "/period"),
            (json!({"formats": ["pdf", "csv", "pdf"]}), "/formats/2"),
            (
                json!({"report": "upload://0192f0c1-2345-7abc-8def-000000000001", "formats": ["xlsx"]}),
                "/formats/0",
            ),
        ] {
            let faults = checked(&fields).unwrap_err();
            let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(places, [pointer], "{fields}");
        }
    }

    #[test]
    fn what_may_not_be_meant_is_a_warning() {
        assert_eq!(
            checked(&json!({"formats": ["csv"]})).unwrap().warnings,
            ["report.pdf is made in any case"]
        );
        assert!(checked(&json!({"formats": []})).unwrap().warnings.is_empty());
    }
}
