//! In which charset is this text? Byte order mark, then proof, then what is declared, then a guess.
//!
//! Declarations are often wrong, and one thing proves them so: text with accents that is valid UTF-8 is UTF-8, since
//! the pairs of bytes it needs do not come about by chance in other charsets.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The guess looks at so many bytes.
const GUESSED_FROM: usize = 1 << 20;

/// A text with its charset.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The text, without byte order mark and without NUL.
    pub text: Cow<'a, str>,
    /// The charset's name at WHATWG, or `UTF-32LE` or `UTF-32BE`.
    pub charset: &'static str,
    /// Whether some bytes meant nothing in it.
    pub lossy: bool,
}

/// The text of `bytes`, of which somebody says that they are in `declared` (a label of WHATWG).
pub fn decode<'a>(bytes: &'a [u8], declared: Option<&str>) -> Decoded<'a> {
    if let Some(decoded) = utf_32(bytes) {
        return decoded;
    }
    let encoding = choose(bytes, declared.and_then(|label| Encoding::for_label(label.trim().as_bytes())));
    let (text, lossy) = encoding.decode_with_bom_removal(bytes);
    Decoded { text: without_nul(text), charset: encoding.name(), lossy }
}

fn choose(bytes: &[u8], declared: Option<&'static Encoding>) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if let Some(encoding) = utf_16_without_mark(bytes) {
        return encoding;
    }
    if std::str::from_utf8(bytes).is_ok() {
        let shifts = declared == Some(ISO_2022_JP) && memchr::memchr(0x1b, bytes).is_some();
        return if shifts { ISO_2022_JP } else { UTF_8 };
    }
    match declared {
        // Its bytes would show zeros, which `utf_16_without_mark` would have seen.
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => guess(bytes),
        Some(encoding) if encoding == UTF_8 => UTF_8_or_guess(bytes),
        Some(encoding) if encoding.decode_without_bom_handling_and_without_replacement(bytes).is_some() => {
            encoding
        }
        _ => UTF_8_or_guess(bytes),
    }
}

/// UTF-8 with a few broken places stays UTF-8; what is mostly broken is something else.
#[expect(non_snake_case, reason = "the charset's name")]
fn UTF_8_or_guess(bytes: &[u8]) -> &'static Encoding {
    let (mut good, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|&byte| byte >= 0xc2).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if good > broken.saturating_mul(4) { UTF_8 } else { guess(bytes) }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes.get(..GUESSED_FROM).unwrap_or(bytes), true);
    let found = detector.guess(None, Utf8Detection::Deny);
    // Among the Latin charsets a few letters decide little: then the documents that are expected do.
    let latin = ["windows-1250", "windows-1252", "windows-1254", "windows-1257", "windows-1258"];
    if found.name().starts_with("ISO-8859-") || latin.contains(&found.name()) {
        let western = detector.guess(Some(b"pt"), Utf8Detection::Deny);
        return if western == WINDOWS_1252 { western } else { found };
    }
    found
}

/// Text in a Latin script has a zero in every other byte of UTF-16.
fn utf_16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..4096).unwrap_or(bytes);
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    if half < 2 {
        return None;
    }
    if odd * 10 >= half * 6 && even * 20 <= half {
        return Some(UTF_16LE);
    }
    (even * 10 >= half * 6 && odd * 20 <= half).then_some(UTF_16BE)
}

fn utf_32(bytes: &[u8]) -> Option<Decoded<'static>> {
    let (charset, little) = match bytes.get(..4)? {
        // A text in UTF-16 does not begin with a NUL after its mark.
        [0xff, 0xfe, 0, 0] => ("UTF-32LE", true),
        [0, 0, 0xfe, 0xff] => ("UTF-32BE", false),
        _ => return None,
    };
    let mut lossy = !bytes.len().is_multiple_of(4);
    let mut text = String::with_capacity(bytes.len() / 4);
    for unit in bytes.get(4..)?.as_chunks::<4>().0 {
        let code = if little { u32::from_le_bytes(*unit) } else { u32::from_be_bytes(*unit) };
        let letter = char::from_u32(code);
        lossy |= letter.is_none();
        text.extend(letter.or(Some(char::REPLACEMENT_CHARACTER)).filter(|&letter| letter != '\0'));
    }
    Some(Decoded { text: Cow::Owned(text), charset, lossy })
}

/// NUL means nothing in a text, and databases refuse it.
fn without_nul(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memchr(0, text.as_bytes()).is_none() {
        return text;
    }
    Cow::Owned(text.chars().filter(|&letter| letter != '\0').collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: &str = "A manutenção não é só reparação: às vezes é prevenção.";

    fn latin(text: &str) -> Vec<u8> {
        WINDOWS_1252.encode(text).0.into_owned()
    }

    #[test]
    fn utf_8_is_found_whatever_is_declared() {
        for declared in [None, Some("iso-8859-1"), Some("utf-16"), Some("nonsense")] {
            let decoded = decode(SENTENCE.as_bytes(), declared);
            assert_eq!((decoded.text.as_ref(), decoded.charset), (SENTENCE, "UTF-8"), "{declared:?}");
        }
    }

    #[test]
    fn latin_is_found_although_utf_8_is_declared_and_without_a_declaration() {
        let bytes = latin(SENTENCE);
        for declared in [None, Some("utf-8"), Some("unicode"), Some("iso-8859-1")] {
            assert_eq!(decode(&bytes, declared).text, SENTENCE, "{declared:?}");
        }
    }

    #[test]
    fn utf_16_is_found_with_and_without_its_mark() {
        let little: Vec<u8> = SENTENCE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = SENTENCE.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, mark) in [(&little, [0xff, 0xfe]), (&big, [0xfe, 0xff])] {
            assert_eq!(decode(bytes, None).text, SENTENCE);
            let marked = [&mark[..], bytes].concat();
            assert_eq!(decode(&marked, Some("utf-8")).text, SENTENCE);
        }
    }

    #[test]
    fn utf_32_is_read_and_what_it_cannot_mean_is_replaced() {
        let mut bytes = vec![0xff, 0xfe, 0, 0];
        bytes.extend("é".chars().flat_map(|letter| (letter as u32).to_le_bytes()));
        bytes.extend([0xff, 0xff, 0xff, 0xff]);
        let decoded = decode(&bytes, None);
        assert_eq!(decoded.text, "é\u{fffd}");
        assert!(decoded.lossy);
    }

    #[test]
    fn broken_utf_16_is_read_with_replacements() {
        let bytes = [0xff, 0xfe, 0x00, 0xd8, b'a', 0, b'b'];
        let decoded = decode(&bytes, None);
        assert!(decoded.lossy);
        assert!(decoded.text.contains('a'));
    }

    #[test]
    fn a_broken_place_in_utf_8_does_not_make_it_latin() {
        let mut bytes = SENTENCE.repeat(3).into_bytes();
        bytes.push(0xe3);
        let decoded = decode(&bytes, None);
        assert_eq!(decoded.charset, "UTF-8");
        assert!(decoded.lossy);
    }

    #[test]
    fn russian_and_japanese_are_guessed() {
        let russian = "Съешь же ещё этих мягких французских булок, да выпей чаю.";
        let bytes = encoding_rs::WINDOWS_1251.encode(russian).0.into_owned();
        assert_eq!(decode(&bytes, None).text, russian);
        let japanese = "これは日本語の文章です。文字コードを推測します。";
        let bytes = encoding_rs::SHIFT_JIS.encode(japanese).0.into_owned();
        assert_eq!(decode(&bytes, None).text, japanese);
    }

    #[test]
    fn nul_is_dropped() {
        assert_eq!(decode(b"a\0b and some more text", None).text, "ab and some more text");
    }
}
