//! How does JSON become an [`Input`]? Field by field.

use esteira_engine::job::{Form, InputError, read_fields};
use serde_json::{Value, json};

use super::fields::Input;

/// The fields of an input, and those of its one section.
const FIELDS: [&str; 7] = ["report", "period", "timezone", "locale", "formats", "branding", "compare"];
const BRANDING_FIELDS: [&str; 3] = ["name", "color", "logo"];

/// Reads an input.
///
/// # Errors
/// The faults of form, with their pointers.
pub fn read(value: &Value) -> Result<Input, Vec<InputError>> {
    let form = Form {
        least: json!({"report": "usage", "period": "yesterday"}),
        whole: "expected an object with a report and a period",
        missing: &[
            ("report", "a report is missing: usage, activity, quality or a template"),
            ("period", "a period is missing, such as last_7_days"),
        ],
        fields: &FIELDS,
        sections: &[("branding", &BRANDING_FIELDS)],
    };
    read_fields(value, &form)
}

#[cfg(test)]
mod tests {
    use super::super::{Format, input_schema};
    use super::*;

    #[test]
    fn the_smallest_input_has_all_defaults() {
        let input = read(&json!({"report": "usage", "period": "last_7_days"})).unwrap();
        assert_eq!((input.formats, input.compare, input.locale), (vec![Format::Pdf], false, None));
    }

    #[test]
    fn an_input_is_written_as_it_was_read() {
        let given = json!({
            "report": "upload://x", "period": {"from": "2026-11-01", "to": "2026-11-30"},
            "timezone": "America/Sao_Paulo", "locale": "en-US", "formats": ["pdf", "xlsx", "csv", "json", "html"],
            "branding": {"name": "Padaria", "color": "#0f766e", "logo": "upload://y"}, "compare": true,
        });
        assert_eq!(serde_json::to_value(read(&given).unwrap()).unwrap(), given);
    }

    #[test]
    fn every_fault_is_told_at_its_own_place() {
        let faults = read(&json!({
            "rapport": 1, "report": "sales", "period": {"from": "2026-11-01", "until": "x"}, "timezone": "Mars/Olympus",
            "locale": "fr-FR", "formats": ["pdf", "docx", 7], "branding": {"colour": "#fff", "color": "red"}, "compare": "yes",
        }))
        .unwrap_err();
        let mut places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            [
                "/branding/color",
                "/branding/colour",
                "/compare",
                "/formats/1",
                "/formats/2",
                "/locale",
                "/period",
                "/rapport",
                "/report",
                "/timezone",
            ]
        );
    }

    #[test]
    fn what_is_no_input_is_refused_without_a_panic() {
        let long = "x".repeat(100_000);
        for input in [
            json!(null),
            json!([]),
            json!({}),
            json!({"report": "usage"}),
            json!({"report": {"a": 1}, "period": 3}),
            json!({"report": "usage", "period": "yesterday", "compare": {"a": 1}}),
            json!({"report": "usage", "period": "yesterday", long.clone(): 1}),
            json!({"report": long, "period": [{}]}),
        ] {
            let faults = read(&input).unwrap_err();
            assert!(faults.iter().all(|fault| fault.message.len() < 2_000 && fault.pointer.len() < 1_000));
        }
    }

    #[test]
    fn the_lists_of_fields_are_those_of_the_schema() {
        let schema = input_schema();
        for (place, fields) in
            [("/properties", &FIELDS[..]), ("/$defs/Branding/properties", &BRANDING_FIELDS)]
        {
            let mut names: Vec<&str> = schema
                .pointer(place)
                .and_then(Value::as_object)
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            let mut fields = fields.to_vec();
            names.sort_unstable();
            fields.sort_unstable();
            assert_eq!(names, fields);
        }
    }
}
