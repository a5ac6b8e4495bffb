//! How does JSON become an [`Input`]? Merge fields first, then part by part, keeping every fault.

use esteira_engine::job::InputError;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::clip::read_clip;
use super::input::{Input, Track, VERSION};
use super::merge::merged;

/// Faults found so far.
#[derive(Debug, Default)]
pub struct Faults(pub Vec<InputError>);

impl Faults {
    /// Keeps one.
    pub fn add(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.0.push(InputError::new(pointer, message));
    }
}

/// An input that can be understood, and what may not be meant.
#[derive(Debug)]
pub struct Reading {
    /// The input.
    pub input: Input,
    /// Things that work and may not be meant.
    pub warnings: Vec<String>,
}

/// Reads an input.
///
/// # Errors
/// Every fault of form, with its pointer.
pub fn read(value: &Value) -> Result<Reading, Vec<InputError>> {
    let mut faults = Faults::default();
    let (value, warnings) = merged(value, &mut faults);
    let input = read_input(&value, &mut faults);
    match input {
        Some(input) if faults.0.is_empty() => Ok(Reading { input, warnings }),
        _ => Err(faults.0),
    }
}

fn read_input(value: &Value, faults: &mut Faults) -> Option<Input> {
    let Some(object) = value.as_object() else {
        faults.add("", "expected an object with output and tracks");
        return None;
    };
    for name in object.keys() {
        if !FIELDS.contains(&name.as_str()) {
            faults.add(
                format!("/{}", escaped(name)),
                format!("there is no field {name:?}: one of {}", FIELDS.join(", ")),
            );
        }
    }
    if let Some(version) =
        object.get("version").filter(|version| version.as_u64() != Some(u64::from(VERSION)))
    {
        faults
            .add("/version", format!("version {version} of the input is unknown: this is version {VERSION}"));
    }
    let output = section(object, "output", faults).map(Option::unwrap_or_default);
    let audio = section(object, "audio", faults);
    let captions = section(object, "captions", faults);
    let preview = section(object, "preview", faults);
    let tracks = read_tracks(object.get("tracks"), faults);
    Some(Input { output: output?, tracks, audio: audio?, captions: captions?, preview: preview? })
}

/// The fields of an input.
pub const FIELDS: [&str; 7] = ["version", "output", "tracks", "audio", "captions", "merge", "preview"];

/// An optional section: `None` when it is at fault, `Some(None)` when it is absent.
fn section<Part: DeserializeOwned>(
    object: &Map<String, Value>,
    name: &str,
    faults: &mut Faults,
) -> Option<Option<Part>> {
    match object.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(value) => read_part(value.clone(), &format!("/{name}"), faults).map(Some),
    }
}

fn read_tracks(value: Option<&Value>, faults: &mut Faults) -> Vec<Track> {
    let Some(list) = value.and_then(Value::as_array) else {
        faults.add("/tracks", "expected a list of tracks, each with clips");
        return Vec::new();
    };
    list.iter().enumerate().map(|(index, track)| read_track(track, index, faults)).collect()
}

fn read_track(value: &Value, index: usize, faults: &mut Faults) -> Track {
    let pointer = format!("/tracks/{index}");
    let Some(object) = value.as_object() else {
        faults.add(pointer, "expected a track: an object with clips");
        return Track { clips: Vec::new() };
    };
    for name in object.keys().filter(|name| *name != "clips") {
        faults.add(
            format!("{pointer}/{}", escaped(name)),
            format!("a track has no field {name:?}: only clips"),
        );
    }
    let Some(list) = object.get("clips").and_then(Value::as_array) else {
        faults.add(format!("{pointer}/clips"), "expected a list of clips");
        return Track { clips: Vec::new() };
    };
    let clips = list.iter().enumerate();
    Track {
        clips: clips
            .filter_map(|(clip, value)| read_clip(value, &format!("{pointer}/clips/{clip}"), faults))
            .collect(),
    }
}

/// Reads one struct at `pointer`; every fault is told at the very field.
///
/// serde gives up at the first fault. So a field that is at fault is taken out and the rest read again,
/// until it can be read or nothing is left to take out.
pub fn read_part<Part: DeserializeOwned>(value: Value, pointer: &str, faults: &mut Faults) -> Option<Part> {
    let mut rest = value;
    let mut taken: Vec<String> = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize::<_, Part>(&rest) {
            Ok(part) => return taken.is_empty().then_some(part),
            Err(error) => error,
        };
        let message = error.inner().to_string();
        // That a field is missing is no news when it was taken out.
        if !taken.iter().any(|name| message.starts_with(&format!("missing field `{name}`"))) {
            faults.add(format!("{pointer}{}", below(error.path())), sentence(&message));
        }
        let field = error.path().iter().find_map(|segment| match segment {
            serde_path_to_error::Segment::Map { key } => Some(key.clone()),
            _ => None,
        });
        let removed = field.and_then(|name| Some((rest.as_object_mut()?.remove(&name)?, name)));
        match removed {
            Some((_, name)) => taken.push(name),
            None => return None,
        }
    }
}

/// serde's path as a JSON pointer.
fn below(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// serde's words without the position in a text that the reader never saw.
fn sentence(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).replace('`', "\"")
}

/// A name as a segment of a JSON pointer (RFC 6901).
#[must_use]
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(input: &Value) -> Vec<(String, String)> {
        let faults = read(input).map(|_| ()).unwrap_err();
        faults.into_iter().map(|fault| (fault.pointer, fault.message)).collect()
    }

    #[test]
    fn the_smallest_input_is_understood() {
        let input = json!({"output": {"width": 1280, "height": 720, "fps": 30},
            "tracks": [{"clips": [{"type": "image", "source": "upload://x", "length": 3}]}]});
        assert_eq!(read(&input).unwrap().input.tracks[0].clips.len(), 1);
    }

    #[test]
    fn every_fault_is_told_at_its_own_place() {
        let found = faults(&json!({"outptu": {}, "version": 9, "output": {"width": "wide"}, "tracks": [
            {"clips": [
                {"type": "image", "source": "upload://x", "lenght": 3},
                {"type": "movie"},
                {"type": "video", "source": 7, "speed": "fast", "transition": {"type": "explode"}},
                {"source": "upload://x"},
                {"type": "title", "text": "a", "box": {"colour": "red"}},
            ], "name": "x"}
        ]}));
        let pointers: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        for pointer in [
            "/outptu",
            "/version",
            "/output/width",
            "/tracks/0/name",
            "/tracks/0/clips/0/lenght",
            "/tracks/0/clips/1/type",
            "/tracks/0/clips/2/source",
            "/tracks/0/clips/2/speed",
            "/tracks/0/clips/2/transition/type",
            "/tracks/0/clips/3/type",
            "/tracks/0/clips/4/box/colour",
        ] {
            assert!(pointers.contains(&pointer), "{pointer} is not among {found:#?}");
        }
        assert_eq!(pointers.len(), 11);
    }

    #[test]
    fn start_and_length_say_what_they_take() {
        let found = faults(
            &json!({"tracks": [{"clips": [{"type": "color", "color": "red", "start": "soon", "length": []}]}]}),
        );
        let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["/tracks/0/clips/0/length", "/tracks/0/clips/0/start"]);
        assert!(found.iter().all(|(_, message)| message.contains("\"auto\"")), "{found:?}");
    }

    #[test]
    fn what_is_no_object_is_refused_without_a_panic() {
        for input in [
            json!(null),
            json!([]),
            json!(3),
            json!({"tracks": 3}),
            json!({"tracks": [3]}),
            json!({"tracks": [{"clips": [3, null]}]}),
        ] {
            assert!(read(&input).is_err(), "{input}");
        }
    }
}
