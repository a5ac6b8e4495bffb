//! What does MP4 call a language? By three letters (ISO 639-2), where applications say `pt-br`.

/// The three letters of a language tag; `und` where they are not known.
#[must_use]
pub fn three_letters(tag: &str) -> &str {
    let primary = tag.split('-').next().unwrap_or(tag);
    if primary.len() == 3 {
        return primary;
    }
    match primary.to_ascii_lowercase().as_str() {
        "ar" => "ara",
        "bg" => "bul",
        "ca" => "cat",
        "cs" => "cze",
        "da" => "dan",
        "de" => "ger",
        "el" => "gre",
        "en" => "eng",
        "es" => "spa",
        "et" => "est",
        "fa" => "per",
        "fi" => "fin",
        "fr" => "fre",
        "he" => "heb",
        "hi" => "hin",
        "hr" => "hrv",
        "hu" => "hun",
        "id" => "ind",
        "it" => "ita",
        "ja" => "jpn",
        "ko" => "kor",
        "lt" => "lit",
        "lv" => "lav",
        "nb" | "nn" | "no" => "nor",
        "nl" => "dut",
        "pl" => "pol",
        "pt" => "por",
        "ro" => "rum",
        "ru" => "rus",
        "sk" => "slo",
        "sl" => "slv",
        "sr" => "srp",
        "sv" => "swe",
        "th" => "tha",
        "tr" => "tur",
        "uk" => "ukr",
        "vi" => "vie",
        "zh" => "chi",
        _ => "und",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_with_and_without_region_are_known() {
        assert_eq!(
            (three_letters("pt-br"), three_letters("EN"), three_letters("fil"), three_letters("xx")),
            ("por", "eng", "fil", "und")
        );
    }
}
