//! In which language is this text? Only where that is sure.
//!
//! Portuguese, English and the languages that are taken for them are told by their commonest words, which a page of
//! text cannot do without; all others by the trigrams of `whatlang`.

use whatlang::Lang;

/// Letters that are looked at.
const LOOKED_AT: usize = 20_000;
/// Letters that it takes.
const MIN_LETTERS: usize = 40;
/// Common words that it takes, in all, and as a part of all words (one in so many).
const MIN_COMMON: usize = 4;
const COMMON_IN: usize = 7;

/// The commonest words of languages that share many; those that two of them share count for both.
const COMMON: [(&str, &[&str]); 6] = [
    (
        "pt",
        &[
            "de", "a", "o", "que", "e", "do", "da", "em", "um", "para", "com", "não", "uma", "os", "no",
            "se", "na", "por", "mais", "as", "dos", "como", "mas", "ao", "das", "à", "seu", "sua", "ou",
            "são", "é", "pela", "pelo", "foi", "ser", "aos", "nos", "este", "esta", "isso", "está", "também",
            "até", "já",
        ],
    ),
    (
        "en",
        &[
            "the", "of", "and", "to", "in", "is", "that", "for", "it", "as", "was", "with", "be", "by", "on",
            "not", "or", "are", "this", "from", "at", "which", "an", "have", "has", "will", "can", "you",
            "your", "we", "if", "all", "but", "they", "their", "there", "these", "its", "a", "i",
        ],
    ),
    (
        "es",
        &[
            "de", "la", "que", "el", "en", "y", "a", "los", "del", "se", "las", "por", "un", "para", "con",
            "no", "una", "su", "al", "lo", "como", "más", "pero", "sus", "le", "ya", "o", "este", "sí",
            "porque", "esta", "entre", "cuando", "muy", "sin", "sobre", "es", "son", "está", "también",
        ],
    ),
    (
        "fr",
        &[
            "de", "la", "le", "et", "les", "des", "en", "un", "du", "une", "que", "est", "pour", "qui",
            "dans", "a", "par", "plus", "pas", "au", "sur", "ne", "se", "ce", "il", "sont", "la", "les",
            "aux", "avec", "ou", "son", "cette", "ces", "mais", "comme", "nous", "vous", "être",
        ],
    ),
    (
        "it",
        &[
            "di", "e", "il", "la", "che", "in", "a", "per", "un", "è", "del", "non", "una", "della", "con",
            "i", "si", "da", "le", "al", "sono", "dei", "nel", "alla", "come", "più", "o", "ma", "gli", "lo",
            "delle", "anche", "questo", "questa", "ha", "su",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "und", "in", "den", "von", "zu", "das", "mit", "sich", "des", "auf", "für", "ist",
            "im", "dem", "nicht", "ein", "eine", "als", "auch", "es", "an", "werden", "aus", "er", "hat",
            "dass", "sie", "nach", "wird", "bei", "einer", "um", "am", "sind", "noch", "wie", "einem",
            "über",
        ],
    ),
];

/// The language of `text`, as a tag of BCP 47.
pub fn language(text: &str) -> Option<&'static str> {
    let text: String = words(text).collect::<Vec<_>>().join(" ");
    if text.chars().filter(|letter| letter.is_alphabetic()).count() < MIN_LETTERS {
        return None;
    }
    by_words(&text).or_else(|| by_trigrams(&text))
}

/// Words, without those that belong to no language: addresses, codes and numbers.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut left = LOOKED_AT;
    text.split_whitespace()
        .filter(|word| !word.contains("://") && !word.contains(['@', '_', '/', '\\', '=']))
        .filter(|word| !word.chars().any(|letter| letter.is_ascii_digit()))
        .take_while(move |word| {
            left = left.saturating_sub(word.len());
            left > 0
        })
}

fn by_words(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let words: Vec<&str> =
        text.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let mut counts: Vec<(usize, &'static str)> = COMMON
        .iter()
        .map(|(language, common)| (words.iter().filter(|word| common.contains(word)).count(), *language))
        .collect();
    counts.sort_by(|one, other| other.cmp(one));
    let ((most, language), (next, _)) = (*counts.first()?, *counts.get(1)?);
    let is_sure = most >= MIN_COMMON && most * COMMON_IN >= words.len() && most * 4 >= next * 5;
    is_sure.then_some(language)
}

fn by_trigrams(text: &str) -> Option<&'static str> {
    let found = whatlang::detect(text)?;
    // In scripts of many languages a text of many words is needed; in others the script tells.
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let is_sure = found.is_reliable() && found.confidence() > 0.9;
    let needs_more =
        matches!(found.script(), whatlang::Script::Latin | whatlang::Script::Cyrillic) && letters < 60;
    (is_sure && !needs_more).then(|| tag(found.lang())).flatten()
}

/// The tag of BCP 47: the code of two letters where there is one.
fn tag(language: Lang) -> Option<&'static str> {
    Some(match language {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::language;

    #[test]
    fn portuguese_and_english_are_told() {
        for (text, expected) in [
            ("O contrato foi assinado pelas partes e vale até o fim do ano que vem.", "pt"),
            ("A empresa informa que não haverá expediente na sexta-feira, por causa da manutenção.", "pt"),
            ("The contract was signed by both parties and is valid until the end of next year.", "en"),
            ("El contrato fue firmado por las partes y es válido hasta el final del año que viene.", "es"),
            ("Le contrat a été signé par les parties et il est valable jusqu'à la fin de l'année.", "fr"),
            (
                "Der Vertrag wurde von den Parteien unterzeichnet und ist bis zum Ende des Jahres gültig.",
                "de",
            ),
        ] {
            assert_eq!(language(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_scripts_are_told_by_trigrams() {
        let russian =
            "Договор был подписан сторонами и действует до конца следующего года, если не будет продлён.";
        assert_eq!(language(russian), Some("ru"));
        assert_eq!(
            language(
                "契約は両当事者によって署名され、来年の終わりまで有効です。これは日本語の文章であり、とても長いです。"
            ),
            Some("ja")
        );
    }

    #[test]
    fn short_texts_codes_and_names_have_no_language() {
        for text in ["", "Relatório", "INV-2024-001 12,50 https://x.org/a/b", "Ana Souza, João Silva"] {
            assert_eq!(language(text), None, "{text}");
        }
    }

    #[test]
    fn portuguese_with_program_names_between_is_portuguese() {
        let text = "Use o comando apt-get install para instalar o pacote. O ficheiro fica em /etc/apt e não deve ser \
                    alterado sem uma cópia de segurança dos dados.";
        assert_eq!(language(text), Some("pt"));
    }
}
