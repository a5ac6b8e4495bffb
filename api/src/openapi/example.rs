//! What would a value of a schema look like? By its own example where it has one, else by its parts.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::Components;

/// How far a schema is followed, so that one that refers to itself ends.
const DEEPEST: usize = 16;

/// The named schemas, which others refer to.
pub(super) struct Examples(Value);

impl Examples {
    pub(super) fn new(components: Option<&Components>) -> Self {
        Self(components.and_then(|all| serde_json::to_value(&all.schemas).ok()).unwrap_or_default())
    }

    /// A value of a schema; `None` where it says too little.
    pub(super) fn of(&self, schema: &impl Serialize) -> Option<Value> {
        let example = self.at(&serde_json::to_value(schema).ok()?, DEEPEST);
        (!example.is_null()).then_some(example)
    }

    fn at(&self, schema: &Value, depth: usize) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Null };
        if let Some(own) = own(schema) {
            return own.clone();
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next()) {
            return self.at(&self.0[name], depth);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return self.all(parts, depth);
        }
        if let Some(choices) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
            let choice = choices.iter().find(|choice| choice["type"] != "null");
            return choice.map_or(Value::Null, |choice| self.at(choice, depth));
        }
        match kind(schema) {
            "object" => self.object(schema, depth),
            "array" => json!([self.at(&schema["items"], depth)]),
            "integer" => json!(schema["minimum"].as_i64().unwrap_or(1).max(1)),
            "number" => json!(1.5),
            "boolean" => json!(true),
            "string" => json!(text(schema["format"].as_str().unwrap_or_default())),
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let fields = schema["properties"].as_object().into_iter().flatten();
        Value::Object(fields.map(|(name, field)| (name.clone(), self.at(field, depth))).collect())
    }

    /// The parts laid over each other.
    fn all(&self, parts: &[Value], depth: usize) -> Value {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(fields) = self.at(part, depth) {
                whole.extend(fields);
            }
        }
        Value::Object(whole)
    }
}

/// What the schema itself says.
fn own(schema: &Value) -> Option<&Value> {
    let among = |name| schema[name].as_array().and_then(|values| values.first());
    let said = ["example", "const", "default"].into_iter().find_map(|name| schema.get(name));
    said.or_else(|| among("examples")).or_else(|| among("enum"))
}

/// The type, the one that is not null where there are several.
fn kind(schema: &Value) -> &str {
    let several = schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str);
    schema["type"].as_str().or_else(|| several.into_iter().find(|kind| *kind != "null")).unwrap_or_default()
}

fn text(format: &str) -> &'static str {
    match format {
        "uuid" => "0192f0c1-2345-7abc-8def-0123456789ab",
        "date-time" => "2026-11-24T15:04:05Z",
        "date" => "2026-11-24",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_of_the_examples_of_its_parts() {
        let examples = Examples(json!({
            "Named": {"type": "object", "properties": {"name": {"type": "string", "example": "acme"}}},
        }));
        let schema = json!({"allOf": [
            {"$ref": "#/components/schemas/Named"},
            {"type": "object", "properties": {
                "state": {"type": "string", "enum": ["queued", "running"]},
                "until": {"type": ["string", "null"], "format": "date-time"},
                "sizes": {"type": "array", "items": {"type": "integer", "minimum": 3}},
            }},
        ]});
        let expected = json!({
            "name": "acme", "state": "queued", "until": "2026-11-24T15:04:05Z", "sizes": [3],
        });
        assert_eq!(examples.of(&schema), Some(expected));
    }

    #[test]
    fn a_schema_that_refers_to_itself_has_an_end() {
        let examples = Examples(json!({"Loop": {"$ref": "#/components/schemas/Loop"}}));
        assert_eq!(examples.of(&json!({"$ref": "#/components/schemas/Loop"})), None);
    }
}
