//! What does a PDF say of itself? Its information dictionary, and the language of its catalogue.

use super::native::Document;
use crate::model::Metadata;

/// Bytes of an entry that are kept.
const LONGEST: usize = 2_000;

/// Reads the metadata of a document.
pub fn read(document: &Document) -> Metadata {
    let entry =
        |key| document.information(key).map(|text| short(text.trim())).filter(|text| !text.is_empty());
    let parts = |text: Option<String>, marks: &[char]| -> Vec<String> {
        let text = text.unwrap_or_default();
        text.split(marks).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    Metadata {
        title: entry("Title"),
        authors: parts(entry("Author"), &[';']),
        subject: entry("Subject"),
        keywords: parts(entry("Keywords"), &[';', ',']),
        created: entry("CreationDate").as_deref().and_then(date),
        modified: entry("ModDate").as_deref().and_then(date),
        producer: entry("Producer").or_else(|| entry("Creator")),
        language: document.language().map(|tag| short(tag.trim())).filter(|tag| is_tag(tag)),
        pages: Some(document.page_count()),
        ..Metadata::default()
    }
}

fn short(text: &str) -> String {
    let end =
        text.char_indices().map(|(at, code)| at + code.len_utf8()).take_while(|end| *end <= LONGEST).last();
    text.get(..end.unwrap_or(0)).unwrap_or_default().to_owned()
}

/// Whether a text may be a tag of BCP 47.
fn is_tag(tag: &str) -> bool {
    (2..=35).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A date of PDF (ISO 32000-1, 7.9.4: `D:YYYYMMDDHHmmSSOHH'mm'`, all after the year may be missing) as RFC 3339.
fn date(text: &str) -> Option<String> {
    let text = text.strip_prefix("D:").unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count().min(14);
    let (stamp, zone) = text.split_at_checked(digits)?;
    let part = |from: usize, to: usize, least: u32, most: u32, default: u32| -> Option<u32> {
        match stamp.get(from..to) {
            Some(digits) => digits.parse().ok().filter(|value| (least..=most).contains(value)),
            None => Some(default),
        }
    };
    let year = part(0, 4, 1, 9999, 0).filter(|year| *year > 0)?;
    let (month, day) = (part(4, 6, 1, 12, 1)?, part(6, 8, 1, 31, 1)?);
    if day > days_of(year, month) {
        return None;
    }
    let (hour, minute, second) = (part(8, 10, 0, 23, 0)?, part(10, 12, 0, 59, 0)?, part(12, 14, 0, 59, 0)?);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{}", offset(zone)))
}

fn days_of(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The offset of a date from UTC; `Z` where it tells none that makes sense.
fn offset(zone: &str) -> String {
    let mut parts = zone.get(1..).unwrap_or_default().split('\'');
    let number = |part: Option<&str>, most: u32| {
        part.and_then(|part| part.parse::<u32>().ok()).filter(|value| *value <= most)
    };
    let sign = zone.chars().next().filter(|sign| matches!(sign, '+' | '-'));
    match (sign, number(parts.next(), 14)) {
        (Some(sign), Some(hours)) => {
            let minutes = number(parts.next(), 59).unwrap_or(0);
            if hours == 0 && minutes == 0 { "Z".to_owned() } else { format!("{sign}{hours:02}:{minutes:02}") }
        }
        _ => "Z".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_pdf_become_those_of_rfc_3339() {
        let cases = [
            ("D:20240131235959-03'00'", "2024-01-31T23:59:59-03:00"),
            ("D:20240131235959+05'30", "2024-01-31T23:59:59+05:30"),
            ("D:20240131", "2024-01-31T00:00:00Z"),
            ("D:2024", "2024-01-01T00:00:00Z"),
            ("20240131120000Z", "2024-01-31T12:00:00Z"),
            ("D:20240131120000+00'00'", "2024-01-31T12:00:00Z"),
        ];
        for (pdf, rfc) in cases {
            assert_eq!(date(pdf).as_deref(), Some(rfc), "{pdf}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in
            ["", "D:", "yesterday", "D:20241301", "D:20230229", "D:0000", "D:20240101250000", "31/01/2024"]
        {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
