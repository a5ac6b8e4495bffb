//! Which language is it, and whose stems do its words have?

use std::str::FromStr;

/// Parts of a tag after the first, at most.
const PARTS: usize = 7;

/// A language, as a tag of BCP 47.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// The tag, with the language itself in its short form: `pt-BR`, `en`, `deu`.
    pub tag: String,
}

/// The text is no tag of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the tag of a language, such as pt, pt-BR or en")]
pub struct BadLanguage;

impl Language {
    /// The language itself, without country and script.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.tag.split('-').next().unwrap_or_default()
    }

    /// The dictionary for its words.
    pub(crate) fn dictionary(&self) -> &'static str {
        match self.primary() {
            "pt" => "portuguese",
            "en" => "english",
            _ => "simple",
        }
    }
}

/// The dictionary of a tag that was checked.
pub(super) fn dictionary_of(tag: Option<&str>) -> &'static str {
    tag.and_then(|tag| tag.parse::<Language>().ok()).map_or("simple", |language| language.dictionary())
}

impl FromStr for Language {
    type Err = BadLanguage;

    fn from_str(text: &str) -> Result<Self, BadLanguage> {
        // Some tools write pt_BR.
        let mut parts = text.split(['-', '_']);
        let primary = parts.next().unwrap_or_default().to_ascii_lowercase();
        if !(2..=3).contains(&primary.len()) || !primary.bytes().all(|b| b.is_ascii_lowercase()) {
            return Err(BadLanguage);
        }
        let mut tag = match primary.as_str() {
            "por" => "pt".to_owned(),
            "eng" => "en".to_owned(),
            _ => primary,
        };
        for (number, part) in parts.enumerate() {
            let fits = (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
            if !fits || number >= PARTS {
                return Err(BadLanguage);
            }
            tag.push('-');
            tag.push_str(part);
        }
        Ok(Self { tag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_one_tag_and_one_dictionary_however_it_is_written() {
        for (text, tag, dictionary) in [
            ("pt", "pt", "portuguese"),
            ("PT-BR", "pt-BR", "portuguese"),
            ("por", "pt", "portuguese"),
            ("pt_BR", "pt-BR", "portuguese"),
            ("eng", "en", "english"),
            ("de-AT", "de-AT", "simple"),
        ] {
            let language: Language = text.parse().unwrap();
            assert_eq!((language.tag.as_str(), language.dictionary()), (tag, dictionary), "{text}");
        }
        assert_eq!(dictionary_of(None), "simple");
    }

    #[test]
    fn what_is_no_tag_is_none() {
        for text in ["", "p", "português", "pt-", "pt--BR", "pt BR", "auto!", "english"] {
            assert!(text.parse::<Language>().is_err(), "{text}");
        }
    }
}
