//! How does JSON become an [`Input`]? Each field by itself first, so that every fault is told and not only the first.

use esteira_engine::job::{InputError, in_plain_words};
use serde_json::{Map, Value, json};
use serde_path_to_error::{Path, Segment};

use super::fields::Input;

const FIELDS: [&str; 7] = ["report", "period", "timezone", "locale", "formats", "branding", "compare"];
const PERIOD_FIELDS: [&str; 2] = ["from", "to"];
const BRANDING_FIELDS: [&str; 3] = ["name", "color", "logo"];

/// Faults that are told.
const MOST_FAULTS: usize = 50;

/// Characters that are told of a name or a message.
const TOLD: usize = 200;

/// Reads an input.
///
/// # Errors
/// The faults of form, with their pointers.
pub fn read(value: &Value) -> Result<Input, Vec<InputError>> {
    let Some(fields) = value.as_object() else {
        return Err(vec![InputError::new("", "expected an object with a report and a period")]);
    };
    let mut faults = unknown(fields, "", &FIELDS);
    for (name, what) in [
        ("report", "a report is missing: usage, activity, quality or a template"),
        ("period", "a period is missing, such as last_7_days"),
    ] {
        if !fields.contains_key(name) {
            faults.push(InputError::new(format!("/{name}"), what));
        }
    }
    for (name, value) in fields.iter().filter(|(name, _)| FIELDS.contains(&name.as_str())) {
        let inner = match name.as_str() {
            "branding" => BRANDING_FIELDS.as_slice(),
            "period" => PERIOD_FIELDS.as_slice(),
            _ => &[],
        };
        match value {
            Value::Object(parts) => {
                let strangers = unknown(parts, &format!("/{name}"), inner);
                if name == "branding" {
                    for (part, value) in parts.iter().filter(|(part, _)| inner.contains(&part.as_str())) {
                        faults.extend(fault_of(name, json!({part: value}), None));
                    }
                } else if strangers.is_empty() {
                    faults.extend(fault_of(name, value.clone(), None));
                }
                faults.extend(strangers);
            }
            Value::Array(items) => {
                let items = items.iter().enumerate().take(MOST_FAULTS);
                faults.extend(items.filter_map(|(at, item)| fault_of(name, json!([item]), Some(at))));
            }
            _ => faults.extend(fault_of(name, value.clone(), None)),
        }
    }
    faults.truncate(MOST_FAULTS);
    if !faults.is_empty() {
        return Err(faults);
    }
    serde_path_to_error::deserialize(value)
        .map_err(|error| vec![InputError::new(pointer(error.path()), words(&error))])
}

/// The names that are no fields.
fn unknown(fields: &Map<String, Value>, base: &str, known: &[&str]) -> Vec<InputError> {
    let strangers = fields.keys().filter(|name| !known.contains(&name.as_str())).take(MOST_FAULTS);
    let told = strangers.map(|name| {
        let message = match known {
            [] => "no object is expected here".to_owned(),
            _ => format!("there is no field {:?}: one of {}", short(name), known.join(", ")),
        };
        InputError::new(format!("{base}/{}", short(&escaped(name))), message)
    });
    told.collect()
}

/// What is wrong with a field in an input that is right otherwise; `at` tells which item of a list it is.
fn fault_of(name: &str, value: Value, at: Option<usize>) -> Option<InputError> {
    let mut input = json!({"report": "usage", "period": "yesterday"});
    input.as_object_mut()?.insert(name.to_owned(), value);
    let error = serde_path_to_error::deserialize::<_, Input>(&input).err()?;
    let place = pointer(error.path());
    let place = at.map_or_else(|| place.clone(), |at| place.replacen("/0", &format!("/{at}"), 1));
    Some(InputError::new(place, words(&error)))
}

fn pointer(path: &Path) -> String {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

fn words(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    short(&in_plain_words(&error.inner().to_string()).replace('`', "\""))
}

/// A name as a segment of a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn short(text: &str) -> String {
    match text.char_indices().nth(TOLD) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
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
                "/period/until",
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
