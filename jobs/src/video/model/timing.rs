//! When is a clip shown, and how does it come and go? Fields that every clip has.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// When a clip is shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Timing {
    /// Second at which the clip begins. `"auto"`: when the clip before it in the track ends, or for the
    /// first clip 0; with a transition, that much earlier, so that the two overlap.
    pub start: Start,
    /// Seconds that the clip is shown. `"auto"`: a video clip's own length after trim and speed, 5 s for
    /// the others. `"end"`: until the video ends.
    pub length: Length,
    /// How the clip takes over from the one before it (or appears, when there is none).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transition: Option<Transition>,
    /// How the clip goes, when nothing takes over from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transition_out: Option<Transition>,
}

/// When a clip begins.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Start {
    /// After the clip before it.
    #[default]
    Auto,
    /// At a second of the video.
    At(f64),
}

/// How long a clip is shown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Length {
    /// Its own length.
    #[default]
    Auto,
    /// Until the video ends.
    End,
    /// So many seconds.
    Seconds(f64),
}

impl<'de> Deserialize<'de> for Start {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) => Ok(Self::At(number.as_f64().unwrap_or(f64::NAN))),
            Value::String(text) if text == "auto" => Ok(Self::Auto),
            _ => Err(D::Error::custom("expected a number of seconds or \"auto\"")),
        }
    }
}

impl Serialize for Start {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::At(second) => serializer.serialize_f64(*second),
        }
    }
}

impl JsonSchema for Start {
    fn schema_name() -> Cow<'static, str> {
        "Start".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"type": "number", "minimum": 0}, {"const": "auto"}]})
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) => Ok(Self::Seconds(number.as_f64().unwrap_or(f64::NAN))),
            Value::String(text) if text == "auto" => Ok(Self::Auto),
            Value::String(text) if text == "end" => Ok(Self::End),
            _ => Err(D::Error::custom("expected a number of seconds, \"auto\" or \"end\"")),
        }
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::End => serializer.serialize_str("end"),
            Self::Seconds(seconds) => serializer.serialize_f64(*seconds),
        }
    }
}

impl JsonSchema for Length {
    fn schema_name() -> Cow<'static, str> {
        "Length".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [
            {"type": "number", "exclusiveMinimum": 0}, {"const": "auto"}, {"const": "end"}
        ]})
    }
}

/// A transition and how long it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// Which one.
    #[serde(rename = "type")]
    pub kind: TransitionKind,
    /// Seconds that it takes.
    #[serde(default = "one_second")]
    #[schemars(range(min = 0.0, max = 30.0))]
    pub duration: f64,
}

fn one_second() -> f64 {
    1.0
}

/// The transitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransitionKind {
    /// One picture fades into the other.
    Fade,
    /// Through black.
    FadeBlack,
    /// Through white.
    FadeWhite,
    /// Grain by grain.
    Dissolve,
    /// An edge runs to the left.
    WipeLeft,
    /// An edge runs to the right.
    WipeRight,
    /// An edge runs upwards.
    WipeUp,
    /// An edge runs downwards.
    WipeDown,
    /// The next picture pushes the last one out to the left.
    SlideLeft,
    /// The next picture pushes the last one out to the right.
    SlideRight,
    /// The next picture pushes the last one out at the top.
    SlideUp,
    /// The next picture pushes the last one out at the bottom.
    SlideDown,
    /// A circle opens from the middle.
    Circle,
    /// A circle closes to the middle.
    CircleClose,
    /// A rush forward from one picture into the other.
    Zoom,
}
