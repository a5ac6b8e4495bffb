//! What of an input whose form is at fault can still be looked at? All that is not at fault, so that its values are
//! judged in the same answer.

use esteira_engine::job::InputError;
use serde_json::{Value, json};

use super::input::Input;
use super::read::read;
use crate::video::faults::MOST_FAULTS;
use crate::video::limits::VideoLimits;

/// What is left of an input, and the places of which nothing more can be said.
#[derive(Debug)]
pub struct Rest {
    /// The input without what is at fault: fields have their defaults, clips a stand-in.
    pub input: Input,
    /// Pointers to what was at fault, or had to be taken out because of it.
    silent: Vec<String>,
}

impl Rest {
    /// Whether a fault that was found in the rest is the input's own, and not that of a default or a stand-in: it lies
    /// neither within what was taken out, nor around it, where something may be missing only for that.
    #[must_use]
    pub fn is_own(&self, fault: &InputError) -> bool {
        let concerns = |place: &String| is_within(&fault.pointer, place) || is_within(place, &fault.pointer);
        !self.silent.iter().any(concerns)
    }
}

/// The rest of an input with these faults; none where too much is at fault.
#[must_use]
pub fn rest(input: &Value, faults: &[InputError], limits: &VideoLimits) -> Option<Rest> {
    if faults.len() > MOST_FAULTS {
        return None;
    }
    let mut left = input.clone();
    let mut silent = Vec::new();
    // First the fields themselves; what is not whole without them goes in the second round.
    let mut found = faults.to_vec();
    for whole in [false, true] {
        for fault in &found {
            let place = if whole { surrounding(&fault.pointer) } else { fault.pointer.clone() };
            take_out(&mut left, &place);
            silent.push(place);
        }
        match read(&left, limits) {
            Ok(reading) => return Some(Rest { input: reading.input, silent }),
            Err(more) => found = more,
        }
    }
    None
}

/// The clip, or the section, that a place lies in.
fn surrounding(pointer: &str) -> String {
    let segments: Vec<&str> = pointer.split('/').skip(1).collect();
    let length = match segments.as_slice() {
        ["tracks", _, "clips", _, ..] => 4,
        ["tracks", _, ..] => 2,
        _ => 1,
    };
    segments.iter().take(length).map(|segment| format!("/{segment}")).collect()
}

/// Takes what lies at `pointer` out; a clip or a track has a stand-in, so that the others keep their numbers.
fn take_out(input: &mut Value, pointer: &str) {
    let Some((above, name)) = pointer.rsplit_once('/') else { return };
    match input.pointer_mut(above) {
        Some(Value::Object(fields)) => {
            fields.remove(&name.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            let place = name.parse::<usize>().ok().and_then(|index| items.get_mut(index));
            if let Some(place) = place {
                *place = if above == "/tracks" { json!({"clips": [stand_in()]}) } else { stand_in() };
            }
        }
        _ => {}
    }
}

fn stand_in() -> Value {
    json!({"type": "color", "color": "#000000", "length": 1})
}

/// Whether a place is another one or lies below it.
fn is_within(pointer: &str, place: &str) -> bool {
    pointer.strip_prefix(place).is_some_and(|below| below.is_empty() || below.starts_with('/'))
}
