//! How does JSON become an [`Input`]? Field by field.

use esteira_engine::job::{Form, InputError, read_fields};
use serde_json::{Value, json};

use super::fields::Input;

/// The fields of an input, and those of its one section.
const FIELDS: [&str; 11] = [
    "source",
    "password",
    "pages",
    "ocr",
    "languages",
    "tables",
    "attachments",
    "words",
    "images",
    "outputs",
    "index",
];
const IMAGE_FIELDS: [&str; 3] = ["width", "format", "thumbnail_width"];

/// Reads an input.
///
/// # Errors
/// The faults of form, with their pointers.
pub fn read(value: &Value) -> Result<Input, Vec<InputError>> {
    let form = Form {
        least: json!({"source": ""}),
        whole: "expected an object with a source",
        missing: &[("source", "a source is missing: the document that is to be read")],
        fields: &FIELDS,
        sections: &[("images", &IMAGE_FIELDS)],
    };
    read_fields(value, &form)
}

#[cfg(test)]
mod tests {
    use super::super::fields::{ImageFormat, Ocr, Output};
    use super::super::manual::input_schema;
    use super::*;

    fn places(input: &Value) -> Vec<String> {
        read(input).unwrap_err().into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn the_smallest_input_has_all_defaults() {
        let input = read(&json!({"source": "upload://x"})).unwrap();
        assert_eq!((input.ocr, input.tables, input.words, input.index), (Ocr::Auto, true, false, true));
        assert_eq!(input.outputs, [Output::Json, Output::Md, Output::Txt]);
        assert_eq!((input.images.width, input.images.format), (1_600, ImageFormat::Webp));
        assert!(input.pages.is_all() && input.ocr_models().is_empty() && input.password.is_none());
    }

    #[test]
    fn every_field_is_understood() {
        let input = read(&json!({
            "source": "upload://x", "password": "senha", "pages": "1-3,7", "ocr": "always",
            "languages": ["pt-BR", "por", "eng"], "tables": false, "words": true,
            "images": {"width": 800, "format": "png", "thumbnail_width": 100},
            "outputs": ["csv", "searchable_pdf"], "index": false,
        }))
        .unwrap();
        assert_eq!(input.ocr_models(), ["por", "eng"]);
        assert!(input.pages.contains(7) && !input.pages.contains(4) && input.wants(Output::SearchablePdf));
        assert!(!serde_json::to_string(&input).unwrap().contains("senha"));
    }

    #[test]
    fn every_fault_is_told_at_its_own_place() {
        let mut found = places(&json!({
            "sauce": 1, "source": 7, "password": 123, "pages": "3-1", "ocr": "maybe", "languages": ["por", "klingon", 5],
            "tables": "yes", "images": {"width": "wide", "format": "gif", "hight": 1}, "outputs": ["json", "docx"],
            "index": 1,
        }));
        found.sort();
        assert_eq!(
            found,
            [
                "/images/format",
                "/images/hight",
                "/images/width",
                "/index",
                "/languages/1",
                "/languages/2",
                "/ocr",
                "/outputs/1",
                "/pages",
                "/password",
                "/sauce",
                "/source",
                "/tables",
            ]
        );
    }

    #[test]
    fn no_fault_repeats_a_password() {
        for password in [json!(123_456), json!(["123456"]), json!({"123456": 123_456})] {
            let faults = read(&json!({"source": "x", "password": password, "ocr": 1})).unwrap_err();
            assert!(faults.iter().all(|fault| !format!("{fault:?}").contains("123456")), "{faults:?}");
        }
    }

    #[test]
    fn what_is_no_input_is_refused_without_a_panic() {
        for input in [
            json!(null),
            json!([]),
            json!(3),
            json!({}),
            json!({"source": null}),
            json!({"source": "x", "images": 3}),
        ] {
            assert!(read(&input).is_err(), "{input}");
        }
    }

    #[test]
    fn the_lists_of_fields_are_those_of_the_schema() {
        let schema = input_schema();
        let names = |place: &str| -> Vec<String> {
            let mut names: Vec<String> =
                schema.pointer(place).and_then(Value::as_object).unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        let sorted = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names("/properties"), sorted(&FIELDS));
        assert_eq!(names("/$defs/Images/properties"), sorted(&IMAGE_FIELDS));
    }
}
