//! How are words shown? Fields of title and text clips.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Fields of a clip that shows words.
///
/// `title` and `text` take the same fields; a title is larger, bold and casts a shadow by default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WordsFields {
    /// The words; `\n` breaks a line. Any script, emoji included.
    pub text: String,
    /// Family of an installed font; without it, the engine's own. Other scripts fall back by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub font: Option<String>,
    /// Size of the letters in pixels of the output. Default: a tenth of the height for a title, a
    /// twentieth for a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 4.0, max = 1000.0))]
    pub size: Option<f64>,
    /// Heavy letters. Default: yes for a title, no for a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bold: Option<bool>,
    /// Slanted letters.
    #[serde(default)]
    pub italic: bool,
    /// Colour of the letters: `#rrggbb`, `#rrggbbaa` or a name.
    #[serde(default = "white")]
    pub color: String,
    /// How lines are aligned to each other.
    #[serde(default)]
    pub align: Align,
    /// Widest line, as a fraction of the frame's width; longer ones wrap.
    #[serde(default = "most")]
    #[schemars(range(min = 0.05, max = 1.0))]
    pub max_width: f64,
    /// Distance from line to line, as a multiple of `size`.
    #[serde(default = "comfortable")]
    #[schemars(range(min = 0.8, max = 3.0))]
    pub line_height: f64,
    /// Distance kept from the frame's edges, as a fraction of its height.
    #[serde(default = "safe_area")]
    #[schemars(range(min = 0.0, max = 0.4))]
    pub margin: f64,
    /// A box behind the words.
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    pub background: Option<BoxStyle>,
    /// A line around the letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outline: Option<Outline>,
    /// A shadow under the letters. Default: a soft one for a title without a box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadow>,
}

/// How lines are aligned to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    Left,
    #[default]
    Center,
    Right,
}

/// A box behind words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BoxStyle {
    /// Its colour, usually with alpha.
    pub color: String,
    /// Space around the words, as a multiple of `size`.
    #[schemars(range(min = 0.0, max = 3.0))]
    pub padding: f64,
    /// Radius of the corners, as a multiple of `size`.
    #[schemars(range(min = 0.0, max = 3.0))]
    pub radius: f64,
}

impl Default for BoxStyle {
    fn default() -> Self {
        Self { color: "#000000a6".to_owned(), padding: 0.35, radius: 0.2 }
    }
}

/// A line around letters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Outline {
    /// Its colour.
    pub color: String,
    /// Its width, as a multiple of `size`.
    #[schemars(range(min = 0.0, max = 0.3))]
    pub width: f64,
}

impl Default for Outline {
    fn default() -> Self {
        Self { color: "#000000".to_owned(), width: 0.06 }
    }
}

/// A shadow under letters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Shadow {
    /// Its colour, usually with alpha; `transparent` for none.
    pub color: String,
    /// How soft it is, as a multiple of `size`.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub blur: f64,
    /// How far to the right it falls, as a multiple of `size`.
    #[schemars(range(min = -1.0, max = 1.0))]
    pub x: f64,
    /// How far down it falls, as a multiple of `size`.
    #[schemars(range(min = -1.0, max = 1.0))]
    pub y: f64,
}

impl Default for Shadow {
    fn default() -> Self {
        Self { color: "#000000b3".to_owned(), blur: 0.12, x: 0.0, y: 0.04 }
    }
}

fn white() -> String {
    "#ffffff".to_owned()
}

fn most() -> f64 {
    0.86
}

fn comfortable() -> f64 {
    1.25
}

fn safe_area() -> f64 {
    0.06
}
