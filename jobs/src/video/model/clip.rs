//! What is a clip? A type of its own, with the fields that every clip shares.
//!
//! serde can neither flatten structs that refuse unknown fields nor keep the path of a fault inside a
//! tagged enum. So a clip is read by hand: its fields are dealt out to the parts that declare them,
//! each part is read by itself at the clip's own pointer, and every fault is kept.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::look::{ColourFields, PictureFields, Placement, VideoFields};
use super::read::read_part;
use super::timing::Timing;
use super::words::WordsFields;
use crate::video::faults::{Faults, short};

/// One piece of a track.
#[derive(Debug, Clone)]
pub struct Clip {
    /// When it is shown.
    pub timing: Timing,
    /// Where it stands.
    pub placement: Placement,
    /// What it shows.
    pub media: Media,
}

/// What a clip shows.
#[derive(Debug, Clone)]
pub enum Media {
    /// A still picture.
    Image(PictureFields),
    /// A moving picture, with its sound.
    Video(PictureFields, VideoFields),
    /// Large words.
    Title(WordsFields),
    /// Words.
    Text(WordsFields),
    /// A flat colour.
    Colour(ColourFields),
}

impl Clip {
    /// Whether it is a moving picture.
    #[must_use]
    pub fn is_video(&self) -> bool {
        matches!(self.media, Media::Video(..))
    }

    /// The clip as JSON, with every default written out.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let (kind, parts) = match &self.media {
            Media::Image(picture) => ("image", vec![json!(picture)]),
            Media::Video(picture, video) => ("video", vec![json!(picture), json!(video)]),
            Media::Title(words) => ("title", vec![json!(words)]),
            Media::Text(words) => ("text", vec![json!(words)]),
            Media::Colour(colour) => ("color", vec![json!(colour)]),
        };
        let parts = parts.into_iter().chain([json!(self.timing), json!(self.placement)]);
        let mut fields = Map::from_iter([("type".to_owned(), json!(kind))]);
        for part in parts {
            if let Value::Object(part) = part {
                fields.extend(part);
            }
        }
        Value::Object(fields)
    }

    /// The file that it shows, if any.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        match &self.media {
            Media::Image(picture) | Media::Video(picture, _) => Some(&picture.source),
            Media::Title(_) | Media::Text(_) | Media::Colour(_) => None,
        }
    }
}

/// A part of a clip, by its schema.
pub type PartSchema = fn(&mut SchemaGenerator) -> Schema;

/// The types of clips, each with the parts that make up its fields.
pub const TYPES: [(&str, &str, &[PartSchema]); 5] = [
    (
        "image",
        "A still picture: JPEG, PNG, WebP, GIF (first frame), BMP or TIFF.",
        &[PictureFields::json_schema],
    ),
    (
        "video",
        "A moving picture with its sound: anything that FFmpeg reads. A phone's rotation is honoured.",
        &[PictureFields::json_schema, VideoFields::json_schema],
    ),
    ("title", "Large words, bold and with a shadow unless told otherwise.", &[WordsFields::json_schema]),
    ("text", "Words.", &[WordsFields::json_schema]),
    ("color", "A flat colour: a background, a bar behind words.", &[ColourFields::json_schema]),
];

/// The parts that every clip has.
pub const COMMON: [PartSchema; 2] = [Timing::json_schema, Placement::json_schema];

/// Reads the clip at `pointer`; none when it is at fault.
pub fn read_clip(value: &Value, pointer: &str, faults: &mut Faults) -> Option<Clip> {
    let Some(object) = value.as_object() else {
        faults.add(pointer, "expected a clip: an object with a type");
        return None;
    };
    let names: Vec<&str> = TYPES.iter().map(|(name, ..)| *name).collect();
    let Some(kind) = object.get("type").and_then(Value::as_str) else {
        faults.add(
            format!("{pointer}/type"),
            format!("the type of the clip is missing: one of {}", names.join(", ")),
        );
        return None;
    };
    let mut fields = object.clone();
    fields.remove("type");
    let timing = take::<Timing>(&mut fields, pointer, faults);
    let placement = take::<Placement>(&mut fields, pointer, faults);
    let media = match kind {
        "image" => take(&mut fields, pointer, faults).map(Media::Image),
        "video" => {
            let video = take(&mut fields, pointer, faults);
            take(&mut fields, pointer, faults).zip(video).map(|(picture, video)| Media::Video(picture, video))
        }
        "title" => take(&mut fields, pointer, faults).map(Media::Title),
        "text" => take(&mut fields, pointer, faults).map(Media::Text),
        "color" => take(&mut fields, pointer, faults).map(Media::Colour),
        _ => {
            let known = names.join(", ");
            faults.add(
                format!("{pointer}/type"),
                format!("there is no clip of type {:?}: one of {known}", short(kind, 64)),
            );
            return None;
        }
    };
    for name in fields.keys() {
        faults.add(
            format!("{pointer}/{}", super::read::escaped(name)),
            format!("a clip of type {kind:?} has no field {:?}", short(name, 64)),
        );
        if faults.is_full() {
            return None;
        }
    }
    match (timing, placement, media) {
        (Some(timing), Some(placement), Some(media)) if fields.is_empty() => {
            Some(Clip { timing, placement, media })
        }
        _ => None,
    }
}

/// Takes the fields that `Part` declares out of the clip and reads them.
fn take<Part: JsonSchema + serde::de::DeserializeOwned>(
    fields: &mut Map<String, Value>,
    pointer: &str,
    faults: &mut Faults,
) -> Option<Part> {
    let declared = declared_by(Part::json_schema);
    let mine = declared.iter().filter_map(|name| fields.remove_entry(name)).collect();
    read_part(Value::Object(mine), pointer, faults)
}

/// The names of a part's fields.
fn declared_by(part: PartSchema) -> Vec<String> {
    let schema = part(&mut SchemaGenerator::default());
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}
