//! How does JSON become a kind's input? Each field by itself first, so that every fault is told and not only the first.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::faults::{Faults, short};
use super::{InputError, in_plain_words};

/// Bytes of a wrong name that are told.
const NAME_BYTES: usize = 64;

/// What fields an input has.
#[derive(Debug)]
pub struct Form {
    /// The smallest input that is right: the fields that must be there.
    pub least: Value,
    /// What is said where the whole is no object.
    pub whole: &'static str,
    /// What is said of a field that must be there and is not, by its name.
    pub missing: &'static [(&'static str, &'static str)],
    /// All fields.
    pub fields: &'static [&'static str],
    /// The fields of those that are objects.
    pub sections: &'static [(&'static str, &'static [&'static str])],
}

/// Reads an input.
///
/// # Errors
/// The faults of form, with their pointers.
pub fn read_fields<T: DeserializeOwned>(value: &Value, form: &Form) -> Result<T, Vec<InputError>> {
    let mut faults = Faults::default();
    let Some(fields) = value.as_object() else {
        faults.add("", form.whole);
        return Err(faults.into_told());
    };
    unknown(fields, "", form.fields, &mut faults);
    for (name, message) in form.missing.iter().filter(|(name, _)| !fields.contains_key(*name)) {
        faults.add(format!("/{name}"), message);
    }
    for (name, value) in fields.iter().filter(|(name, _)| form.fields.contains(&name.as_str())) {
        let section = form.sections.iter().find(|(section, _)| section == name);
        match (section, value.as_object()) {
            (Some((_, known)), Some(inner)) => {
                unknown(inner, &format!("/{name}"), known, &mut faults);
                for (key, value) in inner.iter().filter(|(key, _)| known.contains(&key.as_str())) {
                    let inner = Value::Object(Map::from_iter([(key.clone(), value.clone())]));
                    read_one::<T>(name, inner, form, &mut faults);
                }
            }
            _ => read_one::<T>(name, value.clone(), form, &mut faults),
        }
    }
    if !faults.is_empty() {
        return Err(faults.into_told());
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        faults.add(pointer(error.path()), words(&error));
        faults.into_told()
    })
}

/// Tells the names that are no fields.
fn unknown(fields: &Map<String, Value>, base: &str, known: &[&str], faults: &mut Faults) {
    for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
        if faults.is_full() {
            return;
        }
        let message = format!("there is no field {:?}: one of {}", short(name, NAME_BYTES), known.join(", "));
        faults.add(format!("{base}/{}", escaped(name)), message);
    }
}

/// Reads a field in an input that is right otherwise; of a list, each item.
fn read_one<T: DeserializeOwned>(name: &str, value: Value, form: &Form, faults: &mut Faults) {
    let items = match value {
        Value::Array(items) => {
            (0..).zip(items).map(|(at, item)| (Some(at), Value::Array(vec![item]))).collect()
        }
        value => vec![(None, value)],
    };
    for (at, value) in items {
        if faults.is_full() {
            return;
        }
        let mut input = form.least.clone();
        if let Some(fields) = input.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
        if let Err(error) = serde_path_to_error::deserialize::<_, T>(&input) {
            // Each item was read as the first of a list of its own.
            let place = pointer(error.path());
            let place =
                at.map_or_else(|| place.clone(), |at: usize| place.replacen("/0", &format!("/{at}"), 1));
            faults.add(place, words(&error));
        }
    }
}

/// serde's path as a JSON pointer.
fn pointer(path: &Path) -> String {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// serde's words as the reader of the input knows them.
fn words(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    in_plain_words(&error.inner().to_string()).replace('`', "\"")
}

/// A name as a segment of a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
