//! What does the JSON Schema of the input say? The same as the structs: it is made from them.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::clip::{COMMON, PartSchema, TYPES};
use super::input::{Preview, VERSION};
use super::output::Output;
use crate::video::captions::Captions;
use crate::video::sound::Audio;

/// JSON Schema (2020-12) of an input.
#[must_use]
pub fn input_schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let clips: Vec<Value> =
        TYPES.iter().map(|(name, about, parts)| clip_schema(name, about, parts, &mut generator)).collect();
    let properties = json!({
        "version": {"const": VERSION, "description": "Version of this form of the input."},
        "output": reference::<Output>(&mut generator),
        "tracks": {
            "type": "array",
            "minItems": 1,
            "description": "Layers of the picture, the first at the back.",
            "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["clips"],
                "properties": {"clips": {
                    "type": "array",
                    "description": "The clips of the track, in the order in which they are shown.",
                    "items": {"oneOf": clips},
                }},
            },
        },
        "audio": reference::<Audio>(&mut generator),
        "captions": reference::<Captions>(&mut generator),
        "preview": reference::<Preview>(&mut generator),
        "merge": {
            "type": "object",
            "description": "Values of merge fields: {{NAME}} in any string of the input stands for merge.NAME.",
            "additionalProperties": {"type": "string"},
        },
    });
    let definitions = generator.take_definitions(true);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Input of video.generate",
        "type": "object",
        "additionalProperties": false,
        "required": ["tracks"],
        "properties": properties,
        "$defs": definitions,
    })
}

fn reference<Part: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<Part>().to_value()
}

/// One object with the fields of all its parts.
fn clip_schema(name: &str, about: &str, parts: &[PartSchema], generator: &mut SchemaGenerator) -> Value {
    let mut properties = Map::new();
    let mut required = vec![json!("type")];
    properties.insert("type".to_owned(), json!({"const": name}));
    for part in parts.iter().chain(&COMMON) {
        let schema = part(generator);
        if let Some(Value::Object(fields)) = schema.get("properties") {
            properties.extend(fields.clone());
        }
        if let Some(Value::Array(names)) = schema.get("required") {
            required.extend(names.iter().cloned());
        }
    }
    json!({
        "title": name,
        "description": about,
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}
