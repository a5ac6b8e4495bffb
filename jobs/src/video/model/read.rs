//! How does JSON become an [`Input`]? Merge fields first, then part by part, keeping every fault.

use esteira_engine::job::{InputError, in_plain_words};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::clip::read_clip;
use super::input::{Input, Track, VERSION};
use super::merge::merged;
use crate::video::faults::{Faults, short};
use crate::video::limits::VideoLimits;

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
/// The faults of form, with their pointers, and lists that are longer than the limits.
pub fn read(value: &Value, limits: &VideoLimits) -> Result<Reading, Vec<InputError>> {
    let mut faults = Faults::default();
    let Some((value, warnings)) = merged(value, limits, &mut faults) else { return Err(faults.into_told()) };
    let input = read_input(&value, limits, &mut faults);
    match input {
        Some(input) if faults.is_empty() => Ok(Reading { input, warnings }),
        _ => Err(faults.into_told()),
    }
}

fn read_input(value: &Value, limits: &VideoLimits, faults: &mut Faults) -> Option<Input> {
    let Some(object) = value.as_object() else {
        faults.add("", "expected an object with output and tracks");
        return None;
    };
    for name in object.keys() {
        if !FIELDS.contains(&name.as_str()) {
            faults.add(
                format!("/{}", escaped(name)),
                format!("there is no field {:?}: one of {}", short(name, NAME_BYTES), FIELDS.join(", ")),
            );
        }
        if faults.is_full() {
            return None;
        }
    }
    if let Some(version) =
        object.get("version").filter(|version| version.as_u64() != Some(u64::from(VERSION)))
    {
        faults
            .add("/version", format!("version {version} of the input is unknown: this is version {VERSION}"));
    }
    let output = section(object, "output", faults).map(Option::unwrap_or_default);
    // Before they are read: a list that is far too long is not worth reading.
    let parts = limits.sound.max_narrations;
    let few = is_short(value, "/audio/narration", parts, faults);
    let audio = if few { section(object, "audio", faults) } else { None };
    let few = is_short(value, "/captions/cues", limits.captions.max_cues, faults);
    let captions = if few { section(object, "captions", faults) } else { None };
    let preview = section(object, "preview", faults);
    let tracks = read_tracks(object.get("tracks"), limits, faults);
    Some(Input { output: output?, tracks, audio: audio?, captions: captions?, preview: preview? })
}

/// The fields of an input.
pub const FIELDS: [&str; 7] = ["version", "output", "tracks", "audio", "captions", "merge", "preview"];

/// Bytes of a wrong name that are told.
const NAME_BYTES: usize = 64;

/// Whether the list at `pointer`, if there is one, has at most so many items.
fn is_short(value: &Value, pointer: &str, most: usize, faults: &mut Faults) -> bool {
    let many = value.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len);
    if many > most {
        faults.add(pointer, format!("{many} are given; {most} are allowed"));
    }
    many <= most
}

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

/// Reads the tracks, and no more of them and of their clips than may be.
fn read_tracks(value: Option<&Value>, limits: &VideoLimits, faults: &mut Faults) -> Vec<Track> {
    let Some(list) = value.and_then(Value::as_array) else {
        faults.add("/tracks", "expected a list of tracks, each with clips");
        return Vec::new();
    };
    if list.len() > limits.max_tracks {
        faults.add("/tracks", format!("{} tracks; allowed are {}", list.len(), limits.max_tracks));
    }
    let clips: usize = list.iter().filter_map(|track| track.get("clips")?.as_array()).map(Vec::len).sum();
    if clips > limits.max_clips {
        faults.add("/tracks", format!("{clips} clips; allowed are {}", limits.max_clips));
    }
    let mut left = limits.max_clips;
    let tracks = list.iter().take(limits.max_tracks).enumerate();
    tracks.map(|(index, track)| read_track(track, index, &mut left, faults)).collect()
}

fn read_track(value: &Value, index: usize, left: &mut usize, faults: &mut Faults) -> Track {
    let pointer = format!("/tracks/{index}");
    let Some(object) = value.as_object() else {
        faults.add(pointer, "expected a track: an object with clips");
        return Track { clips: Vec::new() };
    };
    for name in object.keys().filter(|name| *name != "clips") {
        faults.add(
            format!("{pointer}/{}", escaped(name)),
            format!("a track has no field {:?}: only clips", short(name, NAME_BYTES)),
        );
        if faults.is_full() {
            return Track { clips: Vec::new() };
        }
    }
    let Some(list) = object.get("clips").and_then(Value::as_array) else {
        faults.add(format!("{pointer}/clips"), "expected a list of clips");
        return Track { clips: Vec::new() };
    };
    let mut clips = Vec::new();
    for (clip, value) in list.iter().take(*left).enumerate() {
        if faults.is_full() {
            break;
        }
        clips.extend(read_clip(value, &format!("{pointer}/clips/{clip}"), faults));
    }
    *left = left.saturating_sub(list.len());
    Track { clips }
}

/// Reads one struct at `pointer`; every fault is told at the very field.
///
/// serde gives up at the first fault. So a field that is at fault is taken out and the rest read again.
/// The fields before it were good and are laid aside, so that no field is read over and over; only the
/// last reading, which tells what is missing, has them back.
pub fn read_part<Part: DeserializeOwned>(value: Value, pointer: &str, faults: &mut Faults) -> Option<Part> {
    let mut rest = value;
    let mut good = Map::new();
    let mut taken: Vec<String> = Vec::new();
    while !faults.is_full() {
        let error = match serde_path_to_error::deserialize::<_, Part>(&rest) {
            Ok(part) => return (taken.is_empty() && good.is_empty()).then_some(part),
            Err(error) => error,
        };
        let message = error.inner().to_string();
        let field = error.path().iter().find_map(|segment| match segment {
            serde_path_to_error::Segment::Map { key } => Some(key.clone()),
            _ => None,
        });
        let removed = field.and_then(|name| take_out(&mut rest, name, &mut good));
        if removed.is_none()
            && !good.is_empty()
            && let Some(fields) = rest.as_object_mut()
        {
            // Something is missing: perhaps only because it was laid aside.
            fields.append(&mut good);
            continue;
        }
        // That a field is missing is no news when it was taken out.
        if !taken.iter().any(|name| message.starts_with(&format!("missing field `{name}`"))) {
            faults.add(format!("{pointer}{}", below(error.path())), sentence(&message));
        }
        taken.push(removed?);
    }
    None
}

/// Takes a field out of an object, and those before it to the good ones; answers its name.
fn take_out(object: &mut Value, name: String, good: &mut Map<String, Value>) -> Option<String> {
    let fields = object.as_object_mut()?;
    fields.get(&name)?;
    let before: Vec<String> = fields.keys().take_while(|field| **field != name).cloned().collect();
    good.extend(before.iter().filter_map(|field| fields.remove_entry(field)));
    fields.remove(&name);
    Some(name)
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

/// serde's words as the reader of the input knows them.
fn sentence(message: &str) -> String {
    in_plain_words(message).replace('`', "\"")
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
        let faults = read(input, &VideoLimits::default()).map(|_| ()).unwrap_err();
        faults.into_iter().map(|fault| (fault.pointer, fault.message)).collect()
    }

    #[test]
    fn the_smallest_input_is_understood() {
        let input = json!({"output": {"width": 1280, "height": 720, "fps": 30},
            "tracks": [{"clips": [{"type": "image", "source": "upload://x", "length": 3}]}]});
        assert_eq!(read(&input, &VideoLimits::default()).unwrap().input.tracks[0].clips.len(), 1);
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
            assert!(read(&input, &VideoLimits::default()).is_err(), "{input}");
        }
    }
}
