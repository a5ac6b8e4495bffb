//! What does `{{NAME}}` stand for? For the value that `merge` gives it, in any string of the input.
//!
//! A short input can ask for a long text, many times over. So the text that is filled in has a limit
//! over the whole input, and no name is looked for further than a name can reach.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::read::escaped;
use crate::video::faults::{Faults, short};
use crate::video::limits::VideoLimits;

/// Bytes of the longest name of a merge field.
const NAME_BYTES: usize = 64;

/// Bytes within which `}}` closes a field: the name and blanks on both sides of it.
const FIELD_BYTES: usize = 100;

/// Warnings that are told; of any further ones only that there are some.
const MOST_WARNINGS: usize = 100;

/// The input with its merge fields filled in, and a warning for each value that nothing asked for;
/// none when the text to fill in is more than the limit.
pub fn merged(input: &Value, limits: &VideoLimits, faults: &mut Faults) -> Option<(Value, Vec<String>)> {
    let Value::Object(object) = input else { return Some((input.clone(), Vec::new())) };
    let none = Map::new();
    let values = values(input, limits, faults).unwrap_or(&none);
    let mut filler = Filler {
        values,
        used: BTreeSet::new(),
        left: limits.max_merged_bytes,
        spent: false,
        pointer: String::new(),
        faults,
    };
    let fields = object.iter().filter(|(name, _)| *name != "merge");
    let mut out: Map<String, Value> =
        fields.map(|(name, value)| (name.clone(), filler.below(name, value))).collect();
    if filler.spent {
        let most = limits.max_merged_bytes;
        faults.add("/merge", format!("its values, where they stand, are more than {most} bytes of text"));
        return None;
    }
    let idle = values.keys().filter(|name| !filler.used.contains(name.as_str()));
    let warnings = warnings(idle);
    if let Some(value) = input.get("merge") {
        out.insert("merge".to_owned(), value.clone());
    }
    Some((Value::Object(out), warnings))
}

fn warnings<'a>(mut idle: impl Iterator<Item = &'a String>) -> Vec<String> {
    let told = idle.by_ref().take(MOST_WARNINGS);
    let mut out: Vec<String> =
        told.map(|name| format!("merge field {} is never used", short(name, NAME_BYTES))).collect();
    if idle.next().is_some() {
        out.push("and more merge fields that are never used".to_owned());
    }
    out
}

fn values<'a>(input: &'a Value, limits: &VideoLimits, faults: &mut Faults) -> Option<&'a Map<String, Value>> {
    let values = match input.get("merge") {
        None | Some(Value::Null) => return None,
        Some(Value::Object(values)) => values,
        Some(_) => {
            faults.add("/merge", "expected an object of names and their strings");
            return None;
        }
    };
    for (name, value) in values {
        let pointer = || format!("/merge/{}", escaped(&short(name, NAME_BYTES)));
        if name.len() > NAME_BYTES {
            faults.add(pointer(), format!("the name has {} bytes; {NAME_BYTES} are allowed", name.len()));
        }
        match value.as_str() {
            None => faults.add(pointer(), "the value of a merge field is a string"),
            Some(text) if text.len() > limits.max_merge_value_bytes => {
                faults.text(&pointer(), text, limits.max_merge_value_bytes);
            }
            Some(_) => {}
        }
        if faults.is_full() {
            break;
        }
    }
    Some(values)
}

/// Goes through the input and fills in.
struct Filler<'a> {
    values: &'a Map<String, Value>,
    used: BTreeSet<&'a str>,
    /// Bytes that may still be filled in.
    left: usize,
    spent: bool,
    /// Where it is. One text that grows and shrinks: a copy for each item below a long name would be
    /// the name's length times the number of items.
    pointer: String,
    faults: &'a mut Faults,
}

impl<'a> Filler<'a> {
    fn below(&mut self, name: &str, value: &Value) -> Value {
        let above = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&escaped(name));
        let filled = self.fill(value);
        self.pointer.truncate(above);
        filled
    }

    fn fill(&mut self, value: &Value) -> Value {
        if self.spent {
            return Value::Null;
        }
        match value {
            Value::String(text) => Value::String(self.fill_text(text)),
            Value::Array(list) => {
                let items = list.iter().enumerate();
                items.map(|(index, item)| self.below(&index.to_string(), item)).collect()
            }
            Value::Object(object) => {
                let fields = object.iter().map(|(name, value)| (name.clone(), self.below(name, value)));
                Value::Object(fields.collect())
            }
            other => other.clone(),
        }
    }

    fn fill_text(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut missing = BTreeSet::new();
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
            rest = after;
            match self.values.get_key_value(name) {
                Some((name, value)) => {
                    self.used.insert(name);
                    let value = value.as_str().unwrap_or_default();
                    match self.left.checked_sub(value.len()) {
                        Some(left) => self.left = left,
                        None => {
                            self.spent = true;
                            return out;
                        }
                    }
                    out.push_str(value);
                }
                // One word for each name is enough, however often the text says it.
                None if !self.faults.is_full() && missing.insert(name) => self.faults.add(
                    &self.pointer,
                    format!("merge field {{{{{name}}}}} has no value: add \"{name}\" to merge"),
                ),
                None => {}
            }
        }
        out.push_str(rest);
        out
    }
}

/// The name at the beginning of `{{NAME}}…`, and what follows it.
fn name_of(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("{{")?;
    let end = inner.as_bytes().windows(2).take(FIELD_BYTES).position(|two| two == b"}}")?;
    let (name, after) = (inner[..end].trim(), &inner[end + 2..]);
    let fits = !name.is_empty()
        && name.len() <= NAME_BYTES
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
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
        let (value, warnings) = merged(&input, &VideoLimits::default(), &mut faults).unwrap();
        assert_eq!(value["tracks"][0]["clips"][0]["text"], "Olá, {{NAME}} é!{{NAME}} é");
        assert!(faults.is_empty() && warnings.is_empty());
    }

    #[test]
    fn a_missing_value_is_named_at_its_place() {
        let mut faults = Faults::default();
        merged(&json!({"output": {"background": "{{BRAND}}"}}), &VideoLimits::default(), &mut faults)
            .unwrap();
        let faults = faults.into_told();
        assert_eq!(faults[0].pointer, "/output/background");
        assert!(faults[0].message.contains("{{BRAND}}"));
    }

    #[test]
    fn braces_without_a_name_stay() {
        let mut faults = Faults::default();
        let (value, _) =
            merged(&json!({"a": "{{ }} {{x y}} {{"}), &VideoLimits::default(), &mut faults).unwrap();
        assert_eq!(value["a"], "{{ }} {{x y}} {{");
        assert!(faults.is_empty());
    }

    #[test]
    fn an_idle_value_is_a_warning_and_a_number_is_a_fault() {
        let mut faults = Faults::default();
        let (_, warnings) =
            merged(&json!({"merge": {"A": "x", "B": 3}}), &VideoLimits::default(), &mut faults).unwrap();
        let faults = faults.into_told();
        assert_eq!(warnings.len(), 2);
        assert_eq!(faults[0].pointer, "/merge/B");
    }

    #[test]
    fn a_short_text_that_asks_for_a_long_one_many_times_is_refused() {
        let limits = VideoLimits { max_merged_bytes: 50, ..VideoLimits::default() };
        let input = |times: usize| json!({"a": "{{A}}".repeat(times), "merge": {"A": "0123456789"}});
        let mut faults = Faults::default();
        let (value, _) = merged(&input(5), &limits, &mut faults).unwrap();
        assert_eq!(value["a"].as_str().map(str::len), Some(50));
        assert!(faults.is_empty());
        assert!(merged(&input(6), &limits, &mut faults).is_none());
        let told = faults.into_told();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].pointer, "/merge");
    }

    #[test]
    fn a_missing_name_is_told_once_a_text_and_at_a_short_pointer() {
        let mut faults = Faults::default();
        let name = "n".repeat(10_000);
        merged(&json!({name: ["{{A}}".repeat(1_000), "{{A}}"]}), &VideoLimits::default(), &mut faults)
            .unwrap();
        let told = faults.into_told();
        assert_eq!(told.len(), 2);
        assert!(told.iter().all(|fault| fault.pointer.len() < 300));
    }

    #[test]
    fn names_end_near_where_they_begin() {
        let name = "n".repeat(NAME_BYTES);
        assert_eq!(name_of(&format!("{{{{ {name} }}}}!")), Some((name.as_str(), "!")));
        assert_eq!(name_of(&format!("{{{{n{name}}}}}")), None);
        assert_eq!(name_of(&format!("{{{{a{}}}}}", " ".repeat(FIELD_BYTES))), None);
        assert_eq!(name_of("{{é"), None);
    }

    #[test]
    fn long_names_and_values_are_refused_at_their_place_and_idle_ones_told_to_a_limit() {
        let limits = VideoLimits { max_merge_value_bytes: 3, ..VideoLimits::default() };
        let mut faults = Faults::default();
        let mut values: Map<String, Value> = (0..150).map(|n| (format!("N{n}"), json!("x"))).collect();
        values.insert("A".to_owned(), json!("long"));
        values.insert("z".repeat(5_000), json!(""));
        let (_, warnings) = merged(&json!({"merge": values}), &limits, &mut faults).unwrap();
        assert_eq!(warnings.len(), MOST_WARNINGS + 1);
        let told = faults.into_told();
        assert_eq!(told[0].pointer, "/merge/A");
        assert!(told[1].pointer.starts_with("/merge/zzz") && told[1].pointer.len() < 100);
    }
}
