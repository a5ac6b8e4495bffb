//! What does Amazon Transcribe call a language? A language and a country, always both.

use aws_sdk_transcribe::types::LanguageCode;

use super::super::input::Language;

/// What is meant by a language that is named without its country, where Amazon has several.
const USUAL: [(&str, &str); 9] = [
    ("ar", "ar-SA"),
    ("de", "de-DE"),
    ("en", "en-US"),
    ("es", "es-ES"),
    ("fa", "fa-IR"),
    ("fr", "fr-FR"),
    ("pt", "pt-BR"),
    ("sw", "sw-KE"),
    ("zh", "zh-CN"),
];

/// The code of a tag, if Amazon Transcribe knows the language. A country that it does not know is that which is usual.
pub fn code_of(language: &Language) -> Option<LanguageCode> {
    let Language::Tag(tag) = language else { return None };
    let primary = match language.primary()? {
        "nb" | "nn" => "no",
        "fil" => "tl",
        "cmn" => "zh",
        primary => primary,
    };
    let known = LanguageCode::values();
    let same = known.iter().find(|code| code.eq_ignore_ascii_case(tag));
    let usual = || USUAL.iter().find(|(language, _)| *language == primary).map(|(_, code)| code);
    let first = || known.iter().find(|code| code.split('-').next() == Some(primary));
    same.or_else(usual).or_else(first).map(|code| LanguageCode::from(*code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(tag: &str) -> Option<String> {
        code_of(&Language::Tag(tag.to_owned())).map(|code| code.as_str().to_owned())
    }

    #[test]
    fn a_tag_has_the_code_of_its_country_or_the_usual_one() {
        for (tag, expected) in [
            ("pt-BR", "pt-BR"),
            ("pt-PT", "pt-PT"),
            ("pt", "pt-BR"),
            ("pt-AO", "pt-BR"),
            ("en", "en-US"),
            ("en-GB", "en-GB"),
            ("it", "it-IT"),
            ("nb-NO", "no-NO"),
        ] {
            assert_eq!(code(tag).as_deref(), Some(expected), "{tag}");
        }
        assert_eq!(code("la"), None);
        assert_eq!(code_of(&Language::Auto), None);
    }

    #[test]
    fn every_usual_code_is_one_of_amazons() {
        for (language, code) in USUAL {
            assert!(code.starts_with(language) && LanguageCode::values().contains(&code), "{code}");
        }
    }
}
