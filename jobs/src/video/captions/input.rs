//! What may a job say about its captions? The `captions` section of a video's input.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Captions, from a file or listed, burned into the picture, as a track of their own, or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Captions {
    /// An SRT or WebVTT file: `upload://…`, `artifact://…`, `s3://…`, or `https://…` of a host that the operator allows.
    /// Either this or `cues`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The captions themselves. Either this or `source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cues: Option<Vec<CueInput>>,
    /// Seconds added to every instant; negative brings the captions forward.
    #[serde(default)]
    pub shift: f64,
    /// Draw them into the picture.
    #[serde(default = "yes")]
    pub burn: bool,
    /// Put them into the MP4 as a track that players can switch on.
    #[serde(default = "yes")]
    pub soft: bool,
    /// Language of the words as a tag (`pt-br`, `en`), told to players. `und` is unknown.
    #[serde(default = "undetermined")]
    #[schemars(regex(pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"))]
    pub language: String,
    /// What happens to captions that would be shown at the same time.
    #[serde(default)]
    pub overlap: Overlap,
    /// How long lines are broken.
    #[serde(default)]
    pub lines: LineRules,
    /// How burned captions look.
    #[serde(default)]
    pub style: CaptionStyle,
}

/// A listed caption.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CueInput {
    /// Second of the video at which it appears.
    #[schemars(range(min = 0.0))]
    pub start: f64,
    /// Second at which it is gone.
    #[schemars(range(min = 0.0))]
    pub end: f64,
    /// The words; `\n` breaks a line.
    pub text: String,
}

/// What happens to captions that would be shown at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// The earlier one ends where the later begins; two that begin together become one.
    #[default]
    Settle,
    /// It is an error that names the caption and its second.
    Refuse,
}

/// How long lines are broken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LineRules {
    /// Columns of a line; a wide (Chinese, Japanese, Korean) character takes two.
    #[schemars(range(min = 10, max = 200))]
    pub max_columns: usize,
    /// Lines of a caption. Words that do not fit go into a further caption, which shares its time.
    #[schemars(range(min = 1, max = 10))]
    pub max_lines: usize,
}

impl Default for LineRules {
    fn default() -> Self {
        Self { max_columns: 42, max_lines: 2 }
    }
}

/// How burned captions look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CaptionStyle {
    /// Family of the font; without it, the engine's own, with fallbacks for every script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub font: Option<String>,
    /// Height of a line as a fraction of the picture's height.
    #[schemars(range(min = 0.01, max = 0.3))]
    pub size: f64,
    /// Colour of the letters: `#rgb`, `#rrggbb` or `#rrggbbaa`.
    pub color: String,
    /// Colour of the outline around the letters; `null` for none.
    pub outline: Option<String>,
    /// Colour of the box behind the lines; `null` for none.
    #[serde(rename = "box")]
    pub background: Option<String>,
    /// Where they stand.
    pub position: CaptionPosition,
    /// Distance to that edge as a fraction of the picture's height.
    #[schemars(range(min = 0.0, max = 0.5))]
    pub margin: f64,
}

impl Default for CaptionStyle {
    fn default() -> Self {
        Self {
            font: None,
            size: 0.05,
            color: "#ffffff".to_owned(),
            outline: None,
            background: Some("#000000b0".to_owned()),
            position: CaptionPosition::Bottom,
            margin: 0.06,
        }
    }
}

/// Where burned captions stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaptionPosition {
    /// Along the upper edge.
    Top,
    /// In the middle.
    Middle,
    /// Along the lower edge.
    #[default]
    Bottom,
}

fn yes() -> bool {
    true
}

fn undetermined() -> String {
    "und".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_are_burned_and_soft_unless_told_otherwise() {
        let captions: Captions = serde_json::from_str(r#"{"source":"upload://x"}"#).unwrap();
        assert!(captions.burn && captions.soft);
        assert_eq!(captions.language, "und");
        assert_eq!((captions.lines.max_columns, captions.lines.max_lines), (42, 2));
    }

    #[test]
    fn unknown_fields_are_refused_and_named() {
        for (text, field) in [
            (r#"{"src":"upload://x"}"#, "src"),
            (r#"{"cues":[{"start":0,"end":1,"text":"a","bold":true}]}"#, "bold"),
            (r#"{"source":"upload://x","style":{"weight":1}}"#, "weight"),
        ] {
            let error = serde_json::from_str::<Captions>(text).unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
    }
}
