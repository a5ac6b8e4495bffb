//! Which language is spoken? A tag, or a question.

use esteira_engine::document::Language as Tag;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Bytes of a tag; BCP 47 asks software for no more.
const TAG_BYTES: usize = 35;

/// A language, or `auto`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Language {
    /// To be found out.
    #[default]
    Auto,
    /// This one, as a tag of BCP 47.
    Tag(String),
}

impl Language {
    /// The language itself, without country and script: `pt`; none when it is to be found out.
    #[must_use]
    pub fn primary(&self) -> Option<&str> {
        match self {
            Self::Auto => None,
            Self::Tag(tag) => tag.split('-').next(),
        }
    }

    /// What Whisper calls it, if it knows it.
    #[must_use]
    pub fn for_whisper(&self) -> Option<&str> {
        // Whisper has older or wider codes for some of them.
        let code = match self.primary()? {
            "nb" | "nob" => "no",
            "fil" => "tl",
            "jv" => "jw",
            "cmn" => "zh",
            code => code,
        };
        CODES.contains(&code).then_some(code)
    }
}

impl TryFrom<String> for Language {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        match text.parse::<Tag>() {
            Ok(tag) if text.len() <= TAG_BYTES => Ok(Self::Tag(tag.tag)),
            _ => Err("must be the tag of a language, such as \"pt-BR\" or \"en\", or \"auto\"".to_owned()),
        }
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        match language {
            Language::Auto => "auto".to_owned(),
            Language::Tag(tag) => tag,
        }
    }
}

impl JsonSchema for Language {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Language".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A tag of BCP 47, such as `pt-BR` or `en`, or `auto`.",
            "maxLength": TAG_BYTES,
            "pattern": "^(auto|[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,7})$",
            "examples": ["pt-BR", "en", "auto"],
        })
    }
}

/// Whisper's code of the language with this number.
pub fn language_code(number: usize) -> &'static str {
    CODES.get(number).copied().unwrap_or("en")
}

/// The tag of a language that Whisper has a code for.
pub fn tag_of(code: &str) -> &str {
    if code == "jw" { "jv" } else { code }
}

/// The languages of Whisper, in its own order (openai/whisper, `whisper/tokenizer.py`).
const CODES: [&str; 100] = [
    "en", "zh", "de", "es", "ru", "ko", "fr", "ja", "pt", "tr", "pl", "ca", "nl", "ar", "sv", "it", "id",
    "hi", "fi", "vi", "he", "uk", "el", "ms", "cs", "ro", "da", "hu", "ta", "no", "th", "ur", "hr", "bg",
    "lt", "la", "mi", "ml", "cy", "sk", "te", "fa", "lv", "bn", "sr", "az", "sl", "kn", "et", "mk", "br",
    "eu", "is", "hy", "ne", "mn", "bs", "kk", "sq", "sw", "gl", "mr", "pa", "si", "km", "sn", "yo", "so",
    "af", "oc", "ka", "be", "tg", "sd", "gu", "am", "yi", "lo", "uz", "fo", "ht", "ps", "tk", "nn", "mt",
    "sa", "lb", "my", "bo", "tl", "mg", "as", "tt", "haw", "ln", "ha", "ba", "jw", "su", "yue",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn language(text: &str) -> Result<Language, String> {
        Language::try_from(text.to_owned())
    }

    #[test]
    fn a_tag_is_known_to_whisper_by_its_language() {
        for (text, code) in [
            ("pt-BR", Some("pt")),
            ("por", Some("pt")),
            ("EN_us", Some("en")),
            ("nb-NO", Some("no")),
            ("tlh", None),
        ] {
            assert_eq!(language(text).unwrap().for_whisper(), code, "{text}");
        }
        assert_eq!(language("auto").unwrap(), Language::Auto);
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for text in ["", "portuguese", "p", "Auto", "pt-", "pt BR"] {
            assert!(language(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_code_is_the_same_to_whisper() {
        for (number, code) in CODES.iter().enumerate() {
            assert_eq!(whisper_rs::get_lang_id(code), i32::try_from(number).ok(), "{code}");
        }
    }
}
