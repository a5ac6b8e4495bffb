//! Which number is a text? Only where Portuguese and English readers see the same one.

/// Digits that a double holds exactly; longer ones are codes, not amounts.
const MOST_DIGITS: usize = 15;

/// A number, and how it was shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// Its value.
    pub value: f64,
    /// Digits after the decimal mark.
    pub decimals: usize,
    /// Whether its thousands were parted.
    pub grouped: bool,
    /// Whether it is a share: 12 % is 0.12.
    pub percent: bool,
}

/// The number of a cell: what it shows, and the value behind it where the format has one.
///
/// `1.234` is a thousand for one reader and one and a bit for another: without a value it stays a text. So do codes: what
/// begins with a zero or a plus, and what has too many digits. A value that the text does not show (a date's) is not taken.
pub fn number(text: &str, value: Option<f64>) -> Option<Number> {
    let text = text.trim();
    let (body, percent) = match text.strip_suffix('%') {
        Some(body) => (body.trim_end(), true),
        None => (text, false),
    };
    let (body, negative) = match body.strip_prefix(['-', '−']) {
        Some(body) => (body, true),
        None => (body, false),
    };
    let finished = |read: Option<Number>| {
        read.map(|read| {
            let value = read.value / if percent { 100.0 } else { 1.0 };
            Number { value: if negative { -value } else { value }, percent, ..read }
        })
    };
    let readings = [finished(read(body, '.', ',')), finished(read(body, ',', '.'))];
    match value {
        Some(value) => readings
            .into_iter()
            .flatten()
            .find(|reading| shows(reading, value))
            .map(|reading| Number { value, ..reading }),
        None => match readings {
            [Some(one), Some(other)] => (one.value == other.value).then_some(one),
            [one, other] => one.or(other),
        },
    }
}

/// Whether a text that reads so may stand for a value: it does, rounded to its decimals.
fn shows(reading: &Number, value: f64) -> bool {
    let decimals = reading.decimals + if reading.percent { 2 } else { 0 };
    let half = 0.5 * 10f64.powi(-i32::try_from(decimals).unwrap_or(i32::MAX));
    (reading.value - value).abs() <= half * 1.000_001
}

/// A number without its sign, with these marks.
fn read(body: &str, group: char, decimal: char) -> Option<Number> {
    let (whole, fraction) = match body.split_once(decimal) {
        Some((whole, fraction)) => (whole, fraction),
        None => (body, ""),
    };
    let has_mark = body.contains(decimal);
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if has_mark && (fraction.is_empty() || !digits(fraction)) {
        return None;
    }
    let plain: String = whole.chars().filter(|c| *c != group).collect();
    let grouped = plain.len() != whole.len();
    let zeros = plain.len() > 1 && plain.starts_with('0');
    if plain.is_empty() || !digits(&plain) || zeros || plain.len() + fraction.len() > MOST_DIGITS {
        return None;
    }
    if grouped && !is_grouped(whole, group) {
        return None;
    }
    let text = if has_mark { format!("{plain}.{fraction}") } else { plain };
    Some(Number { value: text.parse().ok()?, decimals: fraction.len(), grouped, percent: false })
}

/// Whether the thousands are parted as they should be: one to three digits, then three each.
fn is_grouped(whole: &str, group: char) -> bool {
    let mut parts = whole.split(group);
    parts.next().is_some_and(|first| (1..=3).contains(&first.len()) && first != "0")
        && parts.all(|part| part.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<f64> {
        number(text, None).map(|number| number.value)
    }

    #[test]
    fn what_both_readers_read_alike_is_a_number() {
        for (text, wanted) in [
            ("0", 0.0),
            ("2024", 2024.0),
            ("-7", -7.0),
            ("−7,5", -7.5),
            ("12,5", 12.5),
            ("12.50", 12.5),
            ("0,123", 0.123),
            ("1.234,56", 1234.56),
            ("1,234.56", 1234.56),
            ("1.234.567", 1_234_567.0),
            ("1,234,567", 1_234_567.0),
            ("1234.567", 1234.567),
            (" 12,5 % ", 0.125),
        ] {
            assert_eq!(value(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn what_may_be_something_else_stays_a_text() {
        for text in [
            "",
            "-",
            "%",
            "1.234",
            "1,234",
            "12.345",
            "007",
            "01310-100",
            "123.456.789-09",
            "+55",
            "1.2.3",
            "1,2,3",
            "12,",
            ",5",
            "1.23.456",
            "0.123.456",
            "R$ 10",
            "1 234",
            "1e5",
            "12345678901234567",
            "31/12/2024",
            "١٢",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn the_value_of_the_format_decides_between_readers() {
        assert_eq!(number("1.234", Some(1234.0)).map(|n| n.value), Some(1234.0));
        assert_eq!(number("1.234", Some(1.2341)).map(|n| n.value), Some(1.2341));
        assert_eq!(number("12%", Some(0.1234)).map(|n| n.value), Some(0.1234));
        // A year that a date shows.
        assert_eq!(number("2024", Some(45_292.0)), None);
        assert_eq!(number("1", Some(f64::NAN)), None);
    }

    #[test]
    fn the_look_is_kept() {
        let number = number("1.234,50", None).unwrap();
        assert_eq!((number.decimals, number.grouped, number.percent), (2, true, false));
    }
}
