//! What is the form of `document.json`? The types that a reader of it would write down, and their JSON Schema.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::model::{Metadata, Page, Warning};
use super::tally::Counts;

/// The version of the form. A further field is no new version; a field that goes or changes its sense is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Version {
    /// The first one.
    #[default]
    #[serde(rename = "1")]
    One,
}

/// The file that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// Its media type, told by its content.
    pub media_type: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A document as it was read: `document.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// The version of this form.
    pub version: Version,
    /// The file that was read.
    pub source: Source,
    /// Its pages, sheets, slides or parts, in their order.
    pub pages: Vec<DocumentPage>,
    /// What the document says of itself.
    pub metadata: Metadata,
    /// The language that most of its text was found to be in, as a tag of BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// How much is in `pages`.
    pub counts: Counts,
    /// What a reader should know.
    pub warnings: Vec<Warning>,
    /// Whether something of the document is missing: a limit was reached, or a part could not be read.
    pub truncated: bool,
}

/// A page, and its tables once more for those who want nothing but rows of texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentPage {
    /// The page.
    #[serde(flatten)]
    pub page: Page,
    /// The tables of `blocks`, in their order, as plain grids.
    pub tables: Vec<TableGrid>,
}

/// A table as a plain grid. Places that a span covers are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableGrid {
    /// Its rows, all of one length.
    pub rows: Vec<Vec<String>>,
}

/// JSON Schema (2020-12) of `document.json`.
#[must_use]
pub fn schema() -> Value {
    // Of what is written: a field that is left out when there is nothing to say is not asked for.
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema =
        serde_json::to_value(generator.into_root_schema_for::<Document>()).unwrap_or_else(|_| json!({}));
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), json!("A document as document.extract reads it, version 1"));
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_published_as_it_is() {
        let published = include_str!("../../../../docs/document.schema.json");
        let published: Value = serde_json::from_str(published).unwrap();
        assert_eq!(
            schema(),
            published,
            "write docs/document.schema.json with the example `schema` of this crate"
        );
    }

    #[test]
    fn the_schema_is_one_and_asks_for_the_version() {
        let schema = schema();
        assert!(jsonschema::meta::is_valid(&schema));
        let validator = jsonschema::validator_for(&schema).unwrap();
        let mut document = serde_json::to_value(Document::default()).unwrap();
        assert!(validator.is_valid(&document));
        document["version"] = json!("2");
        assert!(!validator.is_valid(&document));
    }
}
