//! How are numbers written?

use super::Locale;

impl Locale {
    fn marks(self) -> (char, char) {
        match self {
            Self::PtBr => ('.', ','),
            Self::EnUs => (',', '.'),
        }
    }

    /// A whole number, its digits by threes.
    #[must_use]
    pub fn integer(self, number: i64) -> String {
        let sign = if number < 0 { "−" } else { "" };
        format!("{sign}{}", self.grouped(&number.unsigned_abs().to_string()))
    }

    fn grouped(self, digits: &str) -> String {
        let (group, _) = self.marks();
        let mut out = String::with_capacity(digits.len() * 4 / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(group);
            }
            out.push(digit);
        }
        out
    }

    /// A number with so many decimal places.
    #[must_use]
    pub fn decimal(self, number: f64, places: usize) -> String {
        if !number.is_finite() {
            return "–".to_owned();
        }
        let text = format!("{:.places$}", number.abs());
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        let is_zero = text.bytes().all(|digit| matches!(digit, b'0' | b'.'));
        let sign = if number < 0.0 && !is_zero { "−" } else { "" };
        match part {
            "" => format!("{sign}{}", self.grouped(whole)),
            part => format!("{sign}{}{}{part}", self.grouped(whole), self.marks().1),
        }
    }

    /// A part of one as a percentage.
    #[must_use]
    pub fn percent(self, part: f64) -> String {
        match self {
            Self::PtBr => format!("{} %", self.decimal(part * 100.0, 1)).replace(' ', "\u{a0}"),
            Self::EnUs => format!("{}%", self.decimal(part * 100.0, 1)),
        }
    }

    /// Bytes in the unit that suits them.
    #[must_use]
    pub fn bytes(self, bytes: i64) -> String {
        const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
        let mut size = bytes as f64;
        if size.abs() < 1024.0 {
            return format!("{}\u{a0}B", self.integer(bytes));
        }
        let mut unit = "B";
        for larger in UNITS {
            // What would be shown as 1,024.0 is one of the next.
            if size.abs() < 1023.95 {
                break;
            }
            size /= 1024.0;
            unit = larger;
        }
        format!("{}\u{a0}{unit}", self.decimal(size, 1))
    }

    /// Hundredths of a currency.
    #[must_use]
    pub fn money(self, hundredths: i64, currency: &str) -> String {
        let sign = if hundredths < 0 { "−" } else { "" };
        let whole = self.grouped(&(hundredths.unsigned_abs() / 100).to_string());
        let amount = format!("{whole}{}{:02}", self.marks().1, hundredths.unsigned_abs() % 100);
        match (self, currency) {
            (Self::PtBr, "BRL") => format!("{sign}R$\u{a0}{amount}"),
            (Self::PtBr, "USD") => format!("{sign}US$\u{a0}{amount}"),
            (Self::EnUs, "BRL") => format!("{sign}R${amount}"),
            (Self::EnUs, "USD") => format!("{sign}${amount}"),
            (Self::PtBr, "EUR") => format!("{sign}€\u{a0}{amount}"),
            (Self::EnUs, "EUR") => format!("{sign}€{amount}"),
            (_, other) => format!("{sign}{other}\u{a0}{amount}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_marks() {
        let (pt, en) = (Locale::PtBr, Locale::EnUs);
        assert_eq!((pt.integer(1_234_567).as_str(), en.integer(-1_234).as_str()), ("1.234.567", "−1,234"));
        assert_eq!((pt.decimal(1234.56, 1).as_str(), en.decimal(0.05, 1).as_str()), ("1.234,6", "0.1"));
        assert_eq!((pt.percent(0.982).as_str(), en.percent(0.982).as_str()), ("98,2\u{a0}%", "98.2%"));
        assert_eq!(
            (pt.money(123_456, "BRL").as_str(), en.money(-5, "USD").as_str()),
            ("R$\u{a0}1.234,56", "−$0.05")
        );
        assert_eq!(pt.bytes(1_610_612_736), "1,5\u{a0}GiB");
        assert_eq!(en.bytes(1_048_575), "1.0\u{a0}MiB");
        assert_eq!(en.bytes(1_023), "1,023\u{a0}B");
    }

    #[test]
    fn no_number_is_a_panic() {
        for number in [f64::NAN, f64::INFINITY, f64::MAX, f64::MIN, -0.0, 1e-300] {
            for locale in [Locale::PtBr, Locale::EnUs] {
                assert!(!locale.decimal(number, 2).is_empty() && !locale.percent(number).is_empty());
            }
        }
        assert_eq!(Locale::EnUs.integer(i64::MIN), "−9,223,372,036,854,775,808");
        assert_eq!(Locale::EnUs.decimal(-0.001, 1), "0.0");
        assert!(Locale::EnUs.bytes(i64::MAX).ends_with("PiB"));
    }
}
