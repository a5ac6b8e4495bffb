//! How do caption files write an instant? `00:00:01,000` and `00:00:01.000`, more or less.

/// Milliseconds of an instant as real files write it: hours may be missing, the fraction may be
/// short or missing, and its mark may be a point or a comma.
pub(super) fn parse(text: &str) -> Option<u64> {
    let (clock, fraction) = match text.find([',', '.']) {
        Some(mark) => (&text[..mark], &text[mark + 1..]),
        None => (text, "0"),
    };
    let mut parts = clock.split(':').rev();
    let seconds = number(parts.next()?).filter(|s| *s < 60)?;
    let minutes = number(parts.next()?).filter(|m| *m < 60)?;
    let hours = parts.next().map_or(Some(0), number)?;
    if parts.next().is_some() {
        return None;
    }
    Some(((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths(fraction)?)
}

/// The two instants of a timing line, and whatever stands behind them (settings, coordinates).
pub(super) fn parse_line(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.split_once("-->")?;
    let end = rest.split_whitespace().next()?;
    Some((parse(start.trim())?, parse(end)?))
}

/// `hh:mm:ss` and the milliseconds behind `mark`.
pub(super) fn format(ms: u64, mark: char) -> String {
    let (s, ms) = (ms / 1000, ms % 1000);
    format!("{:02}:{:02}:{:02}{mark}{ms:03}", s / 3600, s / 60 % 60, s % 60)
}

/// Seconds for people, as errors name them.
pub(super) fn spoken(ms: u64) -> String {
    format!("{}.{:03} s", ms / 1000, ms % 1000)
}

fn number(digits: &str) -> Option<u64> {
    ((1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// The first three digits of a fraction, however many there are.
fn thousandths(digits: &str) -> Option<u64> {
    if digits.is_empty() || digits.len() > 12 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.bytes().chain(*b"00").take(3).try_fold(0, |sum, digit| Some(sum * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_in_every_common_spelling() {
        for (text, ms) in [
            ("00:00:01,000", 1000),
            ("00:00:01.5", 1500),
            ("01:02.250", 62_250),
            ("1:00:00,007", 3_600_007),
            ("100:00:00.000", 360_000_000),
            ("00:07", 7000),
            ("00:00:01.123456", 1123),
        ] {
            assert_eq!(parse(text), Some(ms), "{text}");
        }
        for text in [
            "",
            "1",
            "00:61",
            "00:00:60,0",
            "aa:bb",
            "1:2:3:4",
            "00:00:01,",
            "00:00:0x",
            "-1:00",
            "9999999:00:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_stands_behind_the_instants_is_let_be() {
        assert_eq!(parse_line("00:01.000 --> 00:02.000 align:start line:0%"), Some((1000, 2000)));
        assert_eq!(parse_line("00:00:01,000-->00:00:02,000  X1:40 X2:600"), Some((1000, 2000)));
        assert_eq!(parse_line("00:01.000 -> 00:02.000"), None);
        assert_eq!(parse_line("00:01.000 --> "), None);
    }

    #[test]
    fn writing_and_reading_agree() {
        for ms in [0, 1, 999, 59_999, 3_599_999, 3_600_000, 400_000_000] {
            assert_eq!(parse(&format(ms, ',')), Some(ms));
            assert_eq!(parse(&format(ms, '.')), Some(ms));
        }
    }
}
