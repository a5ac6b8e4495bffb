//! What may a job say about its sound? The `audio` section of a video's input.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// Music, narration, and how they are brought together.
///
/// The sound of video clips belongs to the clips; it is mixed with what stands here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Audio {
    /// A music bed under the whole video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub music: Option<Music>,
    /// Spoken parts, one or a list: each from a file (`source`) or from `text` by the speech
    /// synthesiser. A part without `start` follows the one before it.
    #[serde(deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany<Narration>")]
    pub narration: Vec<Narration>,
    /// How the music gives way while somebody speaks.
    pub ducking: Ducking,
    /// How loud the result is.
    pub loudness: Loudness,
}

/// A music bed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Music {
    /// The file: `upload://…`, `artifact://…`, `s3://…`, or `https://…` of a host that the operator allows.
    /// Any sound or video file will do.
    pub source: String,
    /// Factor on the amplitude: 1 leaves it as it is, 0.5 is 6 dB less.
    #[serde(default = "music_volume")]
    #[schemars(range(min = 0.0, max = 4.0))]
    pub volume: f64,
    /// Second of the video at which the music begins.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub start: f64,
    /// Second of the file from which it is played.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub trim_start: f64,
    /// Seconds to play; without it, until the video ends (or the file does, unless `loop` is set).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub length: Option<f64>,
    /// Seconds of fade at the beginning.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub fade_in: f64,
    /// Seconds of fade at the end.
    #[serde(default = "music_fade_out")]
    #[schemars(range(min = 0.0))]
    pub fade_out: f64,
    /// Begin again when the file ends, as often as the video needs.
    #[serde(default = "yes", rename = "loop")]
    pub looped: bool,
    /// Seconds over which one round of a loop crosses over into the next.
    #[serde(default = "loop_crossfade")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub crossfade: f64,
}

/// A spoken part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Narration {
    /// A recording: `upload://…`, `artifact://…`, `s3://…`, or `https://…` of a host that the operator allows.
    /// Either this or `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Words for the speech synthesiser. Either this or `source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The synthesiser's voice as a language tag: `pt-br`, `en`, `en-us`, `es`, `de`…
    #[serde(default = "default_voice")]
    #[schemars(regex(pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"))]
    pub voice: String,
    /// Speed of the synthesised voice; 1 is 175 words a minute.
    #[serde(default = "one")]
    #[schemars(range(min = 0.5, max = 2.5))]
    pub rate: f64,
    /// Pitch of the synthesised voice, 0 (low) to 100 (high).
    #[serde(default = "default_pitch")]
    #[schemars(range(max = 100))]
    pub pitch: u8,
    /// Second of the video at which it begins; without it, when the part before it has ended
    /// (the first part: at 0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub start: Option<f64>,
    /// Seconds of silence between the part before and this one, where `start` is not given.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub gap: f64,
    /// Factor on the amplitude.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0, max = 4.0))]
    pub volume: f64,
}

/// How music (and the sound of clips) gives way to the voice: a side-chain compressor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ducking {
    /// Off: music and voice are only added.
    pub enabled: bool,
    /// Level of the voice, in dBFS, from which the music is lowered.
    #[schemars(range(min = -60.0, max = 0.0))]
    pub threshold_db: f64,
    /// How hard it is lowered: of every `ratio` dB above the threshold one is left.
    #[schemars(range(min = 1.0, max = 20.0))]
    pub ratio: f64,
    /// Milliseconds until it is lowered once a word begins.
    #[schemars(range(min = 1.0, max = 2000.0))]
    pub attack_ms: f64,
    /// Milliseconds until it is back once the voice pauses.
    #[schemars(range(min = 1.0, max = 9000.0))]
    pub release_ms: f64,
    /// Whether the sound of video clips gives way too.
    pub clips: bool,
}

/// How loud the result is, after EBU R 128.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Loudness {
    /// Off: the mix stays as loud as its parts make it; only peaks above `true_peak_dbtp` are held.
    pub normalize: bool,
    /// Integrated loudness of the whole, in LUFS. −16 suits the web, −14 music services, −23 television.
    #[schemars(range(min = -40.0, max = -9.0))]
    pub target_lufs: f64,
    /// True peak that is never passed, in dBTP.
    #[schemars(range(min = -9.0, max = 0.0))]
    pub true_peak_dbtp: f64,
}

impl Default for Ducking {
    fn default() -> Self {
        Self {
            enabled: true,
            threshold_db: -34.0,
            ratio: 8.0,
            attack_ms: 20.0,
            release_ms: 400.0,
            clips: true,
        }
    }
}

impl Default for Loudness {
    fn default() -> Self {
        Self { normalize: true, target_lufs: -16.0, true_peak_dbtp: -1.5 }
    }
}

fn yes() -> bool {
    true
}

fn one() -> f64 {
    1.0
}

fn music_volume() -> f64 {
    0.6
}

fn music_fade_out() -> f64 {
    1.0
}

fn loop_crossfade() -> f64 {
    0.1
}

fn default_voice() -> String {
    "en".to_owned()
}

fn default_pitch() -> u8 {
    50
}

/// Only for the schema: one object or a list of them.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "it describes what `one_or_many` reads, and is never made")]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

/// Reads one object as a list of one; unlike an untagged enum it keeps the faults' own words.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Narration>, D::Error> {
    struct Parts;
    impl<'de> Visitor<'de> for Parts {
        type Value = Vec<Narration>;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("a narration or a list of narrations")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            Narration::deserialize(MapAccessDeserializer::new(map)).map(|part| vec![part])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(seq))
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
    }
    deserializer.deserialize_any(Parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_section_has_the_documented_defaults() {
        let audio: Audio = serde_json::from_str("{}").unwrap();
        assert_eq!(audio, Audio::default());
        assert!(audio.ducking.enabled && audio.loudness.normalize);
        assert_eq!((audio.loudness.target_lufs, audio.loudness.true_peak_dbtp), (-16.0, -1.5));
    }

    #[test]
    fn one_narration_reads_like_a_list_of_one() {
        let one: Audio = serde_json::from_str(r#"{"narration":{"text":"Olá","voice":"pt-br"}}"#).unwrap();
        let many: Audio = serde_json::from_str(r#"{"narration":[{"text":"Olá","voice":"pt-br"}]}"#).unwrap();
        assert_eq!(one, many);
        assert_eq!(one.narration[0].voice, "pt-br");
    }

    #[test]
    fn unknown_fields_are_refused_at_every_depth_and_named() {
        for (text, field) in [
            (r#"{"musik":{}}"#, "musik"),
            (r#"{"music":{"source":"upload://x","volme":1}}"#, "volme"),
            (r#"{"narration":{"txt":"a"}}"#, "txt"),
            (r#"{"narration":[{"txt":"a"}]}"#, "txt"),
            (r#"{"ducking":{"amount":1}}"#, "amount"),
            (r#"{"loudness":{"lra":1}}"#, "lra"),
        ] {
            let error = serde_json::from_str::<Audio>(text).unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
    }

    #[test]
    fn the_schema_takes_both_forms_of_narration() {
        let schema = serde_json::to_value(schemars::schema_for!(Audio)).unwrap();
        let narration = &schema["properties"]["narration"];
        assert_eq!(narration["anyOf"].as_array().map(Vec::len), Some(2), "{narration}");
    }
}
