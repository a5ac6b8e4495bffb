//! Is an input sensible? Everything that it alone shows, against the operator's limits.

use esteira_engine::job::{CheckedInput, Faults, FileReference, FileUri, InputError};

use super::super::limits::DocumentLimits;
use super::fields::{Input, Ocr, Output};
use super::languages::Language;
use super::password::PASSWORD_BYTES;

/// Bytes of a reference to a file: the key of an object alone may have 1,024.
const SOURCE_BYTES: usize = 2_048;

/// Languages of one document; each makes the recognition slower.
const MOST_LANGUAGES: usize = 8;

/// Widths of pictures and of thumbnails, in pixels.
const WIDTHS: (u32, u32) = (64, 4_096);
const THUMBNAIL_WIDTHS: (u32, u32) = (16, 1_024);

/// Checks an input; answers the file that it names, and what may not be meant.
///
/// # Errors
/// Every fault, with its pointer.
pub fn check(input: &Input, limits: &DocumentLimits) -> Result<CheckedInput, Vec<InputError>> {
    let mut faults = Faults::default();
    let file = check_source(&input.source, &mut faults);
    if input.password.as_ref().is_some_and(|password| password.reveal().len() > PASSWORD_BYTES) {
        faults.add("/password", format!("it is longer than {PASSWORD_BYTES} bytes"));
    }
    if let Some(pages) = input.pages.count().filter(|pages| *pages > u64::from(limits.pages)) {
        faults.add("/pages", format!("these are {pages} pages; {} of a document are read", limits.pages));
    }
    check_languages(&input.languages, &mut faults);
    range("/images/width", input.images.width, WIDTHS, &mut faults);
    range("/images/thumbnail_width", input.images.thumbnail_width, THUMBNAIL_WIDTHS, &mut faults);
    check_outputs(input, &mut faults);
    match file {
        Some(file) if faults.is_empty() => Ok(CheckedInput { files: vec![file], warnings: warnings(input) }),
        _ => Err(faults.into_told()),
    }
}

fn check_source(source: &str, faults: &mut Faults) -> Option<FileReference> {
    if source.len() > SOURCE_BYTES {
        faults.add("/source", format!("it has {} bytes; {SOURCE_BYTES} are allowed", source.len()));
        return None;
    }
    match source.parse::<FileUri>() {
        Ok(uri) => Some(FileReference { pointer: "/source".to_owned(), uri }),
        Err(error) => {
            faults.add("/source", error.to_string());
            None
        }
    }
}

fn check_languages(languages: &[Language], faults: &mut Faults) {
    if languages.is_empty() {
        faults.add("/languages", "give at least one, or [\"auto\"]");
    }
    if languages.len() > MOST_LANGUAGES {
        faults.add("/languages", format!("{} are given; {MOST_LANGUAGES} are allowed", languages.len()));
    }
    if languages.len() > 1 && languages.contains(&Language::Auto) {
        faults.add("/languages", "\"auto\" stands alone: name the languages, or let them be found");
    }
}

fn range(pointer: &str, value: u32, (least, most): (u32, u32), faults: &mut Faults) {
    if !(least..=most).contains(&value) {
        faults.add(pointer, format!("{value} is out of range: from {least} to {most}"));
    }
}

fn check_outputs(input: &Input, faults: &mut Faults) {
    for (at, output) in input.outputs.iter().enumerate() {
        if faults.is_full() {
            return;
        }
        if input.outputs.iter().take(at).any(|before| before == output) {
            faults.add(format!("/outputs/{at}"), "it is named before");
        }
    }
    if input.outputs.is_empty() && !input.index {
        faults.add("/outputs", "nothing would come of it: name an output, or let it be put into search");
    }
    if input.ocr == Ocr::Never && input.wants(Output::SearchablePdf) {
        faults.add("/ocr", "a searchable PDF needs the text of its pictures: take \"auto\" or \"always\"");
    }
}

/// Things that will work and may not be meant.
fn warnings(input: &Input) -> Vec<String> {
    let mut warnings = Vec::new();
    if input.words && !input.wants(Output::Json) {
        warnings.push("words are told in document.json alone, which outputs does not name".to_owned());
    }
    let auto = input.languages.contains(&Language::Auto);
    if input.ocr == Ocr::Never && !auto {
        warnings.push("languages are those of the text recognition, which ocr turns off".to_owned());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use serde_json::{Value, json};

    fn checked(fields: &Value) -> Result<CheckedInput, Vec<InputError>> {
        let mut input = json!({"source": "upload://0192f0c1-2345-7abc-8def-000000000001"});
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        check(&read(&input).unwrap(), &DocumentLimits::default())
    }

    #[test]
    fn a_good_input_names_its_file() {
        let checked = checked(&json!({"pages": "1-2000", "languages": ["por", "eng"]})).unwrap();
        assert_eq!(checked.files.len(), 1);
        assert_eq!((checked.files[0].pointer.as_str(), checked.warnings), ("/source", Vec::new()));
    }

    #[test]
    fn every_fault_points_to_its_place() {
        for (fields, pointer) in [
            (json!({"source": "/etc/passwd"}), "/source"),
            (json!({"source": format!("s3://b/{}", "k".repeat(3_000))}), "/source"),
            (json!({"password": "x".repeat(2_000)}), "/password"),
            (json!({"pages": "1-2001"}), "/pages"),
            (json!({"languages": []}), "/languages"),
            (json!({"languages": ["auto", "por"]}), "/languages"),
            (
                json!({"languages": ["por", "por", "por", "por", "por", "por", "por", "por", "por"]}),
                "/languages",
            ),
            (json!({"images": {"width": 5}}), "/images/width"),
            (json!({"images": {"thumbnail_width": 2000}}), "/images/thumbnail_width"),
            (json!({"outputs": ["json", "json"]}), "/outputs/1"),
            (json!({"outputs": [], "index": false}), "/outputs"),
            (json!({"ocr": "never", "outputs": ["searchable_pdf"]}), "/ocr"),
        ] {
            let faults = checked(&fields).unwrap_err();
            assert_eq!(
                faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(),
                [pointer],
                "{fields}"
            );
        }
    }

    #[test]
    fn what_may_not_be_meant_is_a_warning() {
        let warned =
            checked(&json!({"words": true, "outputs": ["md"], "ocr": "never", "languages": ["por"]}));
        assert_eq!(warned.unwrap().warnings.len(), 2);
        assert!(checked(&json!({"outputs": []})).is_ok());
    }
}
