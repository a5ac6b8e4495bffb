//! What was said? The one struct that every output is made of, whichever engine heard it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A transcript: `transcript.json` as it stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Transcript {
    /// `"1"`; it stays that as long as fields only come to it.
    pub version: String,
    /// The file.
    pub source: Source,
    /// Who heard it.
    pub engine: Engine,
    /// The language, as a tag of BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// How sure that is, from 0 to 1, where the language was found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_confidence: Option<f64>,
    /// Seconds of the recording.
    pub duration: f64,
    /// Whether anything was said.
    pub speech: bool,
    /// How sure the words are, from 0 to 1, over all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Who speaks, where that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speakers: Vec<String>,
    /// What a reader should know.
    pub warnings: Vec<Warning>,
    /// What was said, in the order in which it began.
    pub segments: Vec<Segment>,
}

/// The file that was heard.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// The codec of its sound.
    pub codec: String,
    /// The channels of its sound.
    pub channels: u16,
}

/// Who heard it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Engine {
    /// `local` or `aws`.
    pub name: String,
    /// The model.
    pub model: String,
    /// SHA-256 of the model's file, in hexadecimal, where it is a file of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_sha256: Option<String>,
}

/// Something that a reader should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// A stable code in `snake_case`.
    pub code: String,
    /// What it is about, with the second where there is one.
    pub message: String,
}

impl Warning {
    /// A warning.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// A sentence or so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// The second at which it begins.
    pub start: f64,
    /// The second at which it ends.
    pub end: f64,
    /// What is said.
    pub text: String,
    /// How sure that is, from 0 to 1.
    pub confidence: f64,
    /// Who says it, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// On which channel, from 1, where they were heard apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<u16>,
    /// Its words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
}

/// A word, with the punctuation at it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Word {
    /// The second at which it begins.
    pub start: f64,
    /// The second at which it ends, later than its beginning.
    pub end: f64,
    /// The word.
    pub text: String,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
}

/// Words as a text: with blanks between them, but for scripts that know none.
pub fn joined<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for word in words {
        if needs_blank(&out, word) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Whether a blank stands between a text and its next word.
pub fn needs_blank(text: &str, word: &str) -> bool {
    match (text.chars().next_back(), word.chars().next()) {
        (Some(last), Some(first)) => !(is_unspaced(last) && is_unspaced(first)),
        _ => false,
    }
}

/// Whether a letter belongs to a script that is written without blanks: Thai, Lao, Burmese, Khmer, and what is written
/// with Chinese characters and kana.
pub fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3000..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff
        | 0xf900..=0xfaff | 0xff01..=0xff0f | 0xff1a..=0xff1f | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_as_their_script_is_written() {
        assert_eq!(joined(["Olá,", "mundo."]), "Olá, mundo.");
        assert_eq!(joined(["今日", "は", "晴れ", "です", "。"]), "今日は晴れです。");
        assert_eq!(joined(["東京", "Tower"]), "東京 Tower");
        assert_eq!(joined([]), "");
    }
}
