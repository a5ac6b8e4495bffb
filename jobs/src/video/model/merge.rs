//! What does `{{NAME}}` stand for? For the value that `merge` gives it, in any string of the input.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::read::{Faults, escaped};

/// The input with its merge fields filled in, and a warning for each value that nothing asked for.
pub fn merged(input: &Value, faults: &mut Faults) -> (Value, Vec<String>) {
    let values = values(input, faults);
    let mut used = BTreeSet::new();
    let Value::Object(object) = input else { return (input.clone(), Vec::new()) };
    let mut out = Map::new();
    for (name, value) in object {
        let pointer = format!("/{}", escaped(name));
        let value =
            if name == "merge" { value.clone() } else { fill(value, &pointer, &values, &mut used, faults) };
        out.insert(name.clone(), value);
    }
    let idle = values.keys().filter(|name| !used.contains(*name));
    let warnings = idle.map(|name| format!("merge field {name} is never used")).collect();
    (Value::Object(out), warnings)
}

fn values(input: &Value, faults: &mut Faults) -> Map<String, Value> {
    match input.get("merge") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(values)) => {
            for (name, value) in values {
                if !value.is_string() {
                    faults.add(format!("/merge/{}", escaped(name)), "the value of a merge field is a string");
                }
            }
            values.clone()
        }
        Some(_) => {
            faults.add("/merge", "expected an object of names and their strings");
            Map::new()
        }
    }
}

fn fill(
    value: &Value,
    pointer: &str,
    values: &Map<String, Value>,
    used: &mut BTreeSet<String>,
    faults: &mut Faults,
) -> Value {
    match value {
        Value::String(text) => Value::String(fill_text(text, pointer, values, used, faults)),
        Value::Array(list) => {
            let items = list.iter().enumerate();
            items
                .map(|(index, item)| fill(item, &format!("{pointer}/{index}"), values, used, faults))
                .collect()
        }
        Value::Object(object) => {
            let fields = object.iter().map(|(name, value)| {
                let pointer = format!("{pointer}/{}", escaped(name));
                (name.clone(), fill(value, &pointer, values, used, faults))
            });
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

fn fill_text(
    text: &str,
    pointer: &str,
    values: &Map<String, Value>,
    used: &mut BTreeSet<String>,
    faults: &mut Faults,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let Some((name, after)) = name_of(rest) else {
            // Braces that hold no name are words like any other.
            out.push_str("{{");
            rest = &rest[2..];
            continue;
        };
        match values.get(name).and_then(Value::as_str) {
            Some(value) => out.push_str(value),
            None if values.contains_key(name) => {}
            None => faults
                .add(pointer, format!("merge field {{{{{name}}}}} has no value: add \"{name}\" to merge")),
        }
        used.insert(name.to_owned());
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The name at the beginning of `{{NAME}}…`, and what follows it.
fn name_of(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("{{")?;
    let (name, after) = inner.split_once("}}")?;
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    fits.then_some((name, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_filled_in_once_and_in_any_string() {
        let mut faults = Faults::default();
        let input = json!({"tracks": [{"clips": [{"type": "title", "text": "Olá, {{ NAME }}!{{NAME}}"}]}],
            "merge": {"NAME": "{{NAME}} é"}});
        let (value, warnings) = merged(&input, &mut faults);
        assert_eq!(value["tracks"][0]["clips"][0]["text"], "Olá, {{NAME}} é!{{NAME}} é");
        assert!(faults.0.is_empty() && warnings.is_empty());
    }

    #[test]
    fn a_missing_value_is_named_at_its_place() {
        let mut faults = Faults::default();
        merged(&json!({"output": {"background": "{{BRAND}}"}}), &mut faults);
        assert_eq!(faults.0[0].pointer, "/output/background");
        assert!(faults.0[0].message.contains("{{BRAND}}"));
    }

    #[test]
    fn braces_without_a_name_stay() {
        let mut faults = Faults::default();
        let (value, _) = merged(&json!({"a": "{{ }} {{x y}} {{"}), &mut faults);
        assert_eq!(value["a"], "{{ }} {{x y}} {{");
        assert!(faults.0.is_empty());
    }

    #[test]
    fn an_idle_value_is_a_warning_and_a_number_is_a_fault() {
        let mut faults = Faults::default();
        let (_, warnings) = merged(&json!({"merge": {"A": "x", "B": 3}}), &mut faults);
        assert_eq!(warnings.len(), 2);
        assert_eq!(faults.0[0].pointer, "/merge/B");
    }
}
