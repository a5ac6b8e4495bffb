//! How does JSON become an [`Input`]? Field by field.

use esteira_engine::job::{Form, InputError, read_fields};
use serde_json::{Value, json};

use super::fields::Input;

/// The fields of an input, and those of its sections.
const FIELDS: [&str; 15] = [
    "source",
    "track",
    "engine",
    "language",
    "model",
    "words",
    "diarize",
    "max_speakers",
    "channels",
    "vocabulary",
    "filter",
    "redact",
    "subtitle",
    "outputs",
    "index",
];
const SUBTITLE_FIELDS: [&str; 3] = ["characters", "lines", "seconds"];
const FILTER_FIELDS: [&str; 2] = ["name", "method"];

/// Reads an input.
///
/// # Errors
/// The faults of form, with their pointers.
pub fn read(value: &Value) -> Result<Input, Vec<InputError>> {
    let form = Form {
        least: json!({"source": ""}),
        whole: "expected an object with a source",
        missing: &[("source", "a source is missing: the recording that is to be heard")],
        fields: &FIELDS,
        sections: &[("subtitle", &SUBTITLE_FIELDS), ("filter", &FILTER_FIELDS)],
    };
    read_fields(value, &form)
}

#[cfg(test)]
mod tests {
    use super::super::fields::{Channels, EngineChoice, Output, Vocabulary};
    use super::super::language::Language;
    use super::super::manual::input_schema;
    use super::*;

    fn places(input: &Value) -> Vec<String> {
        read(input).unwrap_err().into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn the_smallest_input_has_all_defaults() {
        let input = read(&json!({"source": "upload://x"})).unwrap();
        assert_eq!((input.engine, input.channels), (EngineChoice::Auto, Channels::Mix));
        assert_eq!((input.words, input.diarize, input.index), (true, false, true));
        assert_eq!(input.language, Language::Auto);
        assert_eq!(input.outputs, [Output::Json, Output::Txt, Output::Srt, Output::Vtt]);
        assert_eq!((input.subtitle.characters, input.subtitle.lines), (42, 2));
    }

    #[test]
    fn a_vocabulary_is_words_or_a_name() {
        let input = |value: Value| read(&json!({"source": "u", "vocabulary": value})).unwrap().vocabulary;
        assert_eq!(input(json!(["Olinda"])), Some(Vocabulary::Words(vec!["Olinda".to_owned()])));
        assert_eq!(input(json!("names")), Some(Vocabulary::Name("names".to_owned())));
    }

    #[test]
    fn every_fault_is_told_at_its_own_place() {
        let mut found = places(&json!({
            "sauce": 1, "source": 7, "track": "one", "engine": "cloud", "language": "Portuguese", "model": 3,
            "words": "yes", "diarize": 1, "max_speakers": "x", "channels": "left", "vocabulary": ["a", 5],
            "filter": {"name": 7, "method": "shout", "words": []}, "redact": ["cpf", "name"], "subtitle": {"lines": "two", "rows": 1}, "outputs": ["json", "docx"],
            "index": 1,
        }));
        found.sort();
        assert_eq!(
            found,
            [
                "/channels",
                "/diarize",
                "/engine",
                "/filter/method",
                "/filter/name",
                "/filter/words",
                "/index",
                "/language",
                "/max_speakers",
                "/model",
                "/outputs/1",
                "/redact/1",
                "/sauce",
                "/source",
                "/subtitle/lines",
                "/subtitle/rows",
                "/track",
                "/vocabulary/1",
                "/words",
            ]
        );
    }

    #[test]
    fn what_is_no_input_is_refused_without_a_panic() {
        for input in [
            json!(null),
            json!([]),
            json!(3),
            json!({}),
            json!({"source": null}),
            json!({"source": "x", "subtitle": 3}),
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
        assert_eq!(names("/$defs/Subtitle/properties"), sorted(&SUBTITLE_FIELDS));
        assert_eq!(names("/$defs/Filter/properties"), sorted(&FILTER_FIELDS));
    }
}
