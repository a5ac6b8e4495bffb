//! Which number does a value written for people mean, with a decimal comma or a decimal point?

use super::super::model::Cell;

/// Digits beyond these are a code, not a number.
const MAX_DIGITS: usize = 15;

/// How a file writes its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// Between units and tenths.
    decimal: char,
    /// Between thousands and hundreds.
    group: char,
}

impl Numbers {
    /// How the numbers in `cells` are written, which `delimiter` keeps apart. Where nothing tells, what is written with
    /// semicolons comes from a country of decimal commas.
    pub fn of(cells: &[Cell], delimiter: u8) -> Self {
        let comma = Self { decimal: ',', group: '.' };
        let point = Self { decimal: '.', group: ',' };
        let clear = |numbers: Self| {
            cells
                .iter()
                .filter(|cell| numbers.value(&cell.text).is_some() && numbers.is_clear(&cell.text))
                .count()
        };
        let (commas, points) = (clear(comma), clear(point));
        if commas > points || (commas == points && delimiter == b';') { comma } else { point }
    }

    /// Gives each cell the number that it shows.
    pub fn fill(self, cells: &mut [Cell]) {
        for cell in cells.iter_mut().filter(|cell| !cell.header) {
            cell.value = self.value(&cell.text);
        }
    }

    /// The number that `text` shows; nothing for codes, dates and all else.
    pub fn value(self, text: &str) -> Option<f64> {
        let text = text.trim();
        let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(digits) => ("-", digits),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        if digits.len() > 40 || !digits.starts_with(|letter: char| letter.is_ascii_digit()) {
            return None;
        }
        let (whole, part) =
            digits.split_once(self.decimal).map_or((digits, None), |(whole, part)| (whole, Some(part)));
        let whole = self.without_groups(whole)?;
        let is_code = whole.len() > 1 && whole.starts_with('0');
        let is_number = part.is_none_or(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        if is_code || !is_number || whole.len() + part.map_or(0, str::len) > MAX_DIGITS {
            return None;
        }
        format!("{sign}{whole}.{}", part.unwrap_or("0")).parse().ok()
    }

    fn without_groups(self, whole: &str) -> Option<String> {
        let mut groups = whole.split(self.group);
        let first = groups.next()?;
        let mut digits = first.to_owned();
        let mut grouped = false;
        for group in groups {
            grouped = true;
            if group.len() != 3 {
                return None;
            }
            digits.push_str(group);
        }
        let fits =
            !first.is_empty() && (!grouped || first.len() <= 3) && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then_some(digits)
    }

    /// Whether `text`, a number, tells which sign is the decimal one: `1.234` does not.
    fn is_clear(self, text: &str) -> bool {
        match text.split_once(self.decimal) {
            Some((whole, part)) => part.len() != 3 || whole.contains(self.group) || whole.len() > 4,
            None => text.matches(self.group).count() > 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Numbers = Numbers { decimal: ',', group: '.' };

    #[test]
    fn numbers_with_decimal_commas_are_understood() {
        for (text, value) in [("1.234,56", 1234.56), ("-0,5", -0.5), ("12", 12.0), ("1.234.567", 1_234_567.0)]
        {
            assert_eq!(COMMA.value(text), Some(value), "{text}");
        }
    }

    #[test]
    fn codes_dates_and_words_are_no_numbers() {
        for text in [
            "007",
            "01310-100",
            "12.34.56",
            "10/10/2024",
            "1,2,3",
            "",
            "-",
            "12,",
            "12345678901234567",
            "1e5",
        ] {
            assert_eq!(COMMA.value(text), None, "{text}");
        }
    }

    #[test]
    fn the_file_tells_which_sign_is_the_decimal_one() {
        let cells = |texts: &[&str]| -> Vec<Cell> {
            texts.iter().map(|text| Cell { text: (*text).to_owned(), ..Cell::default() }).collect()
        };
        assert_eq!(Numbers::of(&cells(&["1.234", "10,50"]), b','), COMMA);
        assert_eq!(Numbers::of(&cells(&["1.234"]), b';'), COMMA);
        assert_eq!(Numbers::of(&cells(&["10.5", "1,234"]), b';').decimal, '.');
    }
}
