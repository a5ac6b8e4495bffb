//! How does JSON become an [`Input`]? Each field by itself first, so that every fault is told and not only the first.

use esteira_engine::job::{InputError, in_plain_words};
use serde_json::{Map, Value, json};
use serde_path_to_error::{Path, Segment};

use super::faults::{Faults, short};
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

/// Bytes of a wrong name that are told.
const NAME_BYTES: usize = 64;

/// Reads an input.
///
/// # Errors
/// The faults of form, with their pointers.
pub fn read(value: &Value) -> Result<Input, Vec<InputError>> {
    let mut faults = Faults::default();
    let Some(fields) = value.as_object() else {
        faults.add("", "expected an object with a source");
        return Err(faults.into_told());
    };
    unknown(fields, "", &FIELDS, &mut faults);
    if !fields.contains_key("source") {
        faults.add("/source", "a source is missing: the document that is to be read");
    }
    for (name, value) in fields.iter().filter(|(name, _)| FIELDS.contains(&name.as_str())) {
        match value.as_object() {
            Some(images) if name == "images" => {
                unknown(images, "/images", &IMAGE_FIELDS, &mut faults);
                for (name, value) in images.iter().filter(|(name, _)| IMAGE_FIELDS.contains(&name.as_str())) {
                    read_one("images", json!({name: value}), &mut faults);
                }
            }
            _ => read_one(name, value.clone(), &mut faults),
        }
    }
    if !faults.is_empty() {
        return Err(faults.into_told());
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        faults.add(pointer(error.path()), words(&error));
        faults.into_told()
    })
}

/// Tells the names that are no fields.
fn unknown(fields: &Map<String, Value>, base: &str, known: &[&str], faults: &mut Faults) {
    for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
        if faults.is_full() {
            return;
        }
        let message = format!("there is no field {:?}: one of {}", short(name, NAME_BYTES), known.join(", "));
        faults.add(format!("{base}/{}", escaped(name)), message);
    }
}

/// Reads a field in an input that is right otherwise; of a list, each item.
fn read_one(name: &str, value: Value, faults: &mut Faults) {
    let items = match value {
        Value::Array(items) => (0..).zip(items).map(|(at, item)| (Some(at), json!([item]))).collect(),
        value => vec![(None, value)],
    };
    for (at, value) in items {
        if faults.is_full() {
            return;
        }
        let mut input = json!({"source": ""});
        input[name] = value;
        if let Err(error) = serde_path_to_error::deserialize::<_, Input>(&input) {
            // Each item was read as the first of a list of its own.
            let place = pointer(error.path());
            let place =
                at.map_or_else(|| place.clone(), |at: usize| place.replacen("/0", &format!("/{at}"), 1));
            faults.add(place, words(&error));
        }
    }
}

/// serde's path as a JSON pointer.
fn pointer(path: &Path) -> String {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// serde's words as the reader of the input knows them.
fn words(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    in_plain_words(&error.inner().to_string()).replace('`', "\"")
}

/// A name as a segment of a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
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
