//! What does `document.extract` say about its input? Its description, schemas and an example.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::super::limits::DocumentLimits;
use super::fields::Input;

/// The kind's name.
pub const NAME: &str = "document.extract";

/// A few words for a heading.
pub const TITLE: &str = "Read a document";

/// For somebody who has never used it, in Markdown.
pub const DESCRIPTION: &str = "\
Reads a document, whatever it is, and tells what it says: as text, as structure, and to the search.

What a file is, its content tells, not its name: PDF, Word, Excel, PowerPoint, OpenDocument, RTF, HTML, Markdown, XML, CSV, \
plain text, EPUB, e-mail with attachments, pictures, and ZIP archives of these. Pages without text of their own are read \
from their **picture** (`ocr`), in Portuguese and English unless `languages` says otherwise.

Every document becomes **pages** (or sheets, slides, parts) of **blocks** in reading order: headings, paragraphs, lists, tables, \
code, notes. `outputs` chooses what is written of them: `document.json` with everything, `document.md`, `document.txt`, \
`tables.xlsx`, `tables/…csv`, pictures of the pages, a searchable PDF. With `index` the pages are found by \
`GET /v1/search`.";

/// JSON Schema (2020-12) of an input.
#[must_use]
pub fn input_schema() -> Value {
    let mut schema = schema_of::<Input>();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), json!("Input of document.extract"));
    }
    schema
}

/// JSON Schema (2020-12) of the operator's settings.
#[must_use]
pub fn settings_schema() -> Value {
    schema_of::<DocumentLimits>()
}

fn schema_of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    serde_json::to_value(generator.into_root_schema_for::<T>()).unwrap_or_else(|_| json!({}))
}

/// An input that shows what can be asked; its source is a placeholder for an upload.
#[must_use]
pub fn example() -> Value {
    json!({
        "source": "upload://0192f0c1-2345-7abc-8def-000000000001",
        "pages": "1-3,7,10-",
        "ocr": "auto",
        "languages": ["por", "eng"],
        "outputs": ["json", "md", "xlsx", "thumbnails"],
        "images": {"thumbnail_width": 240},
    })
}

#[cfg(test)]
mod tests {
    use super::super::{check, read};
    use super::*;
    use serde_json::Value;

    fn faults(schema: &Value, value: &Value) -> Vec<String> {
        let validator = jsonschema::validator_for(schema).unwrap();
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    #[test]
    fn the_schemas_are_closed_and_valid() {
        for schema in [input_schema(), settings_schema()] {
            assert!(jsonschema::meta::is_valid(&schema));
            assert_eq!(schema["additionalProperties"], false);
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        }
    }

    #[test]
    fn the_example_fits_its_schema_and_passes_the_check() {
        assert_eq!(faults(&input_schema(), &example()), Vec::<String>::new());
        assert!(check(&read(&example()).unwrap(), &DocumentLimits::default()).is_ok());
    }

    #[test]
    fn every_field_says_what_it_is() {
        let schema = input_schema();
        for (name, field) in schema["properties"].as_object().unwrap() {
            assert!(field["description"].as_str().is_some_and(|text| text.len() > 20), "{name}");
        }
    }

    #[test]
    fn the_schema_refuses_what_the_reader_refuses() {
        for (field, value) in [
            ("source", json!(7)),
            ("password", json!(7)),
            ("pages", json!("a-b")),
            ("ocr", json!("maybe")),
            ("languages", json!(["pt_BR"])),
            ("images", json!({"hight": 1})),
            ("images", json!({"width": 5})),
            ("outputs", json!(["docx"])),
            ("outputs", json!(["json", "json"])),
            ("sauce", json!(1)),
        ] {
            let mut input = example();
            input[field] = value;
            assert!(!faults(&input_schema(), &input).is_empty(), "{field}");
            let refused = read(&input).and_then(|input| check(&input, &DocumentLimits::default()));
            assert!(refused.is_err(), "{field}");
        }
    }
}
