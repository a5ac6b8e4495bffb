//! In which language is a page? In the one whose network fits most of its words.

use std::collections::BTreeMap;

use super::tesseract::RawWord;

/// The tag of BCP 47, where one language has a clear majority of the letters.
pub(super) fn of(words: &[RawWord]) -> Option<String> {
    let mut letters: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *letters.entry(word.language.as_str()).or_default() += word.text.chars().count();
    }
    let all: usize = letters.values().sum();
    let (language, most) = letters.into_iter().max_by_key(|(_, letters)| *letters)?;
    (most * 5 >= all * 3).then(|| tag(language)).flatten().map(str::to_owned)
}

/// The tag for a name that tesseract has for its data.
fn tag(tesseract: &str) -> Option<&'static str> {
    Some(match tesseract {
        "por" => "pt",
        "eng" => "en",
        "spa" => "es",
        "fra" => "fr",
        "ita" => "it",
        "deu" => "de",
        "nld" => "nl",
        _ => return None,
    })
}
