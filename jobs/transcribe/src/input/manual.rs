//! What does `media.transcribe` say about its input? Its description, schemas and an example.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::super::limits::TranscribeLimits;
use super::fields::Input;

/// The kind's name.
pub const NAME: &str = "media.transcribe";

/// A few words for a heading.
pub const TITLE: &str = "Write down what is said";

/// For somebody who has never used it, in Markdown.
pub const DESCRIPTION: &str = "\
Hears a recording, audio or video of any usual format, and writes down what is said, word by word with its times.

The **local** engine is Whisper, on the worker itself: no cloud, and nothing leaves the machine. It knows 99 languages; which \
one is spoken is found out first unless `language` tells. Long recordings are heard piece by piece, and another attempt goes \
on where one ended.

**Amazon Transcribe** (`engine: aws`) tells voices apart (`diarize`) and knows custom vocabularies, where the operator lets \
recordings go there. What comes out is the same.

`outputs` chooses what is written: `transcript.json` with words, times and confidence, `transcript.txt`, and subtitles as \
`transcript.srt` and `transcript.vtt`, which `video.generate` takes as captions. `channels: separate` hears each side of a \
call by itself. `redact` takes out e-mail addresses, telephone, card and account numbers, CPF and CNPJ. With `index` what is \
said is found by `GET /v1/search`, with its second.";

/// JSON Schema (2020-12) of an input.
#[must_use]
pub fn input_schema() -> Value {
    let mut schema = schema_of::<Input>();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), json!("Input of media.transcribe"));
    }
    schema
}

/// JSON Schema (2020-12) of the operator's settings.
#[must_use]
pub fn settings_schema() -> Value {
    schema_of::<TranscribeLimits>()
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
        "engine": "local",
        "language": "pt-BR",
        "model": "base",
        "words": true,
        "channels": "mix",
        "vocabulary": ["Esteira", "Olinda"],
        "redact": ["email", "cpf"],
        "subtitle": {"characters": 42, "lines": 2, "seconds": 7},
        "outputs": ["json", "txt", "srt", "vtt"],
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
        assert!(check(&read(&example()).unwrap(), &TranscribeLimits::default()).is_ok());
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
            ("track", json!(0)),
            ("engine", json!("cloud")),
            ("language", json!("Portuguese")),
            ("max_speakers", json!(1)),
            ("channels", json!("left")),
            ("vocabulary", json!([5])),
            ("vocabulary", json!([])),
            ("filter", json!({"method": "mask"})),
            ("filter", json!({"name": "a", "method": "shout"})),
            ("redact", json!(["names"])),
            ("redact", json!(["cpf", "cpf"])),
            ("subtitle", json!({"rows": 1})),
            ("subtitle", json!({"lines": 0})),
            ("outputs", json!(["docx"])),
            ("sauce", json!(1)),
        ] {
            let mut input = example();
            input[field] = value;
            assert!(!faults(&input_schema(), &input).is_empty(), "{field}");
            let refused = read(&input).and_then(|input| check(&input, &TranscribeLimits::default()));
            assert!(refused.is_err(), "{field}");
        }
    }
}
