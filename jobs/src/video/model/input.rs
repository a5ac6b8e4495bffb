//! The whole input of a job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::clip::Clip;
use super::output::Output;
use crate::video::captions::Captions;
use crate::video::sound::Audio;

/// The only version of the input there is so far.
pub const VERSION: u32 = 1;

/// A video: what it is made of and how it is written.
#[derive(Debug, Clone)]
pub struct Input {
    /// Size, rate and quality.
    pub output: Output,
    /// Layers, the first at the back.
    pub tracks: Vec<Track>,
    /// Music, narration and loudness.
    pub audio: Option<Audio>,
    /// Captions.
    pub captions: Option<Captions>,
    /// A quick look at a part.
    pub preview: Option<Preview>,
}

impl Input {
    /// The input as JSON, with every default written out and merge fields filled in.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let tracks = self.tracks.iter().map(|track| {
            let clips: Vec<Value> = track.clips.iter().map(Clip::to_value).collect();
            json!({"clips": clips})
        });
        let mut value = json!({
            "version": VERSION,
            "output": self.output,
            "tracks": tracks.collect::<Vec<Value>>(),
        });
        let sections = [
            ("audio", json!(self.audio)),
            ("captions", json!(self.captions)),
            ("preview", json!(self.preview)),
        ];
        for (name, section) in sections {
            if !section.is_null() {
                value[name] = section;
            }
        }
        value
    }
}

/// A layer of the picture: clips one after another.
#[derive(Debug, Clone)]
pub struct Track {
    /// The clips, in the order in which they are shown.
    pub clips: Vec<Clip>,
}

/// A quick look: only a range of the video, or at a lower resolution, encoded in haste.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// Second at which the preview begins.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub start: f64,
    /// Second at which it ends; without it, the end of the video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub end: Option<f64>,
    /// Factor on width and height: 0.5 is a quarter of the pixels.
    #[serde(default = "full")]
    #[schemars(range(min = 0.1, max = 1.0))]
    pub scale: f64,
}

fn full() -> f64 {
    1.0
}
