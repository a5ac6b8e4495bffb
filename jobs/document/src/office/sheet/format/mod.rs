//! What does a number of a spreadsheet look like in its format?

mod numbers;
mod times;

use super::decimal::general;
use super::pattern::{Piece, Section, sections};
use numbers::number;
use times::time;

/// The longest code that is heeded, as spreadsheets have it.
const LONGEST_CODE: usize = 255;

/// A number format; the default one is the general one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Format {
    sections: Vec<Section>,
    /// Whether numbers without a code of their own have commas for decimals.
    is_portuguese: bool,
}

impl Format {
    /// By its code.
    pub fn of(code: &str) -> Self {
        if code.trim().eq_ignore_ascii_case("general") || code.is_empty() || code.len() > LONGEST_CODE {
            return Self::default();
        }
        Self { sections: sections(code), is_portuguese: false }
    }

    /// Whether its code says that it is a Portuguese one.
    pub fn is_portuguese(&self) -> bool {
        self.is_portuguese || self.sections.iter().any(|section| section.is_portuguese)
    }

    /// The same one in a Portuguese workbook: who wrote it saw all numbers of it that way.
    #[must_use]
    pub fn in_portuguese(mut self) -> Self {
        self.is_portuguese = true;
        self.sections.iter_mut().for_each(|section| section.is_portuguese = true);
        self
    }

    fn general(&self, value: f64) -> String {
        let text = general(value);
        if self.is_portuguese { text.replace('.', ",") } else { text }
    }

    /// The one that all workbooks have under that number (ECMA-376, 18.8.30). The days that are written as the reader's country
    /// does are written by ISO 8601, since the file does not tell the country.
    pub fn built_in(id: u32) -> Self {
        Self::of(match id {
            1 => "0",
            2 => "0.00",
            3 => "#,##0",
            4 => "#,##0.00",
            9 => "0%",
            10 => "0.00%",
            11 => "0.00E+00",
            12 => "# ?/?",
            13 => "# ??/??",
            14 | 27..=31 | 36 | 50..=54 | 57 | 58 => "yyyy-mm-dd",
            15 => "d-mmm-yy",
            16 => "d-mmm",
            17 => "mmm-yy",
            18 => "h:mm AM/PM",
            19 => "h:mm:ss AM/PM",
            20 | 32 | 34 | 55 => "h:mm",
            21 | 33 | 35 | 56 => "h:mm:ss",
            22 => "yyyy-mm-dd h:mm",
            37 | 38 => "#,##0;(#,##0)",
            39 | 40 => "#,##0.00;(#,##0.00)",
            41 | 42 => "#,##0;(#,##0);\"-\"",
            43 | 44 => "#,##0.00;(#,##0.00);\"-\"",
            45 => "mm:ss",
            46 => "[h]:mm:ss",
            47 => "mm:ss.0",
            48 => "##0.0E+0",
            _ => "General",
        })
    }

    /// `value` as a reader of the sheet sees it.
    pub fn shown(&self, value: f64, is_1904: bool) -> String {
        let Some((section, value)) = self.section(value) else { return self.general(value) };
        let shown = if section.pieces.iter().any(Piece::is_of_time) {
            time(section, value, is_1904).unwrap_or_else(|| self.general(value))
        } else {
            number(section, value)
        };
        shown.trim().to_owned()
    }

    /// A text as a reader of the sheet sees it.
    pub fn shown_text(&self, text: &str) -> String {
        let section = self.sections.get(3).or_else(|| {
            let only = self.sections.first().filter(|_| self.sections.len() == 1);
            only.filter(|it| it.pieces.contains(&Piece::Text))
        });
        let Some(section) = section.filter(|it| !it.pieces.is_empty()) else { return text.to_owned() };
        let pieces = section.pieces.iter().map(|piece| match piece {
            Piece::Text => text,
            Piece::Literal(literal) => literal,
            _ => "",
        });
        pieces.collect::<String>()
    }

    /// The section that `value` is written by, and what of it is left to write.
    fn section(&self, value: f64) -> Option<(&Section, f64)> {
        let numeric = self.sections.get(..self.sections.len().min(3))?;
        if numeric.iter().any(|it| it.condition.is_some()) {
            let held = numeric.iter().find(|it| it.condition.is_none_or(|it| it.holds(value)));
            return held.or_else(|| numeric.last()).map(|section| (section, value));
        }
        match numeric {
            [] => None,
            [only] => Some((only, value)),
            [first, _] | [first, _, _] if value > 0.0 => Some((first, value)),
            [_, second] | [_, second, _] if value < 0.0 => Some((second, value.abs())),
            [first, _] => Some((first, value)),
            [_, _, third, ..] => Some((third, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str, value: f64) -> String {
        Format::of(code).shown(value, false)
    }

    #[test]
    fn numbers_are_shown_as_their_format_says() {
        let cases = [
            ("0.00", 1234.5, "1234.50"),
            ("#,##0.00", 1_234_567.891, "1,234,567.89"),
            ("#,##0", -1234.0, "-1,234"),
            ("0%", 0.256, "26%"),
            ("0.0%", -0.256, "-25.6%"),
            ("0.00E+00", 12345.0, "1.23E+04"),
            ("#,##0.00;(#,##0.00);\"-\"", -5.0, "(5.00)"),
            ("#,##0.00;(#,##0.00);\"-\"", 0.0, "-"),
            ("0.0,,\" M\"", 12_300_000.0, "12.3 M"),
            ("000", 7.0, "007"),
            ("#.##", 2.5, "2.5"),
            ("[>100]\"big\";\"small\"", 7.0, "small"),
            ("# ?/?", 1.5, "1 1/2"),
            ("General\" kg\"", 2.5, "2.5 kg"),
            ("_-* #,##0.00_-;-* #,##0.00_-", 3.0, "3.00"),
            ("00000\\-000", 1_310_100.0, "01310-100"),
            ("000\\.000\\.000\\-00", 12_345_678_909.0, "123.456.789-09"),
            ("(00) 00000-0000", 11_987_654_321.0, "(11) 98765-4321"),
        ];
        for (code, value, expected) in cases {
            assert_eq!(shown(code, value), expected, "{code}");
        }
    }

    #[test]
    fn portuguese_formats_have_commas_for_decimals_and_portuguese_months() {
        assert_eq!(shown("[$R$-416] #,##0.00", 1234.5), "R$ 1.234,50");
        assert_eq!(shown("\"R$\" #,##0.00", -1234.5), "-R$ 1.234,50");
        assert_eq!(shown("[$-416]d \"de\" mmmm \"de\" yyyy", 44_197.0), "1 de janeiro de 2021");
    }

    #[test]
    fn all_formats_of_a_portuguese_workbook_have_commas_for_decimals() {
        let shown = |code: &str| Format::of(code).in_portuguese().shown(1234.5, false);
        assert_eq!((shown("General").as_str(), shown("#,##0.00").as_str()), ("1234,5", "1.234,50"));
        assert_eq!(shown("General\" kg\""), "1234,5 kg");
    }

    #[test]
    fn days_and_times_are_shown_as_their_format_says() {
        let cases = [
            ("dd/mm/yyyy", 44_197.0, "01/01/2021"),
            ("d-mmm-yy", 44_197.0, "1-Jan-21"),
            ("h:mm AM/PM", 0.75, "6:00 PM"),
            ("[h]:mm:ss", 1.5, "36:00:00"),
            ("mm:ss.0", 0.000_5, "00:43.2"),
            ("yyyy\\-mm\\-dd\\ hh:mm", 44_197.25, "2021-01-01 06:00"),
            ("dddd", 44_197.0, "Friday"),
            ("m/d/yy", -5.0, "-5"),
        ];
        for (code, value, expected) in cases {
            assert_eq!(shown(code, value), expected, "{code}");
        }
        assert_eq!(Format::built_in(14).shown(44_197.0, false), "2021-01-01");
    }

    #[test]
    fn texts_have_a_section_of_their_own() {
        assert_eq!(Format::of("0;0;0;\"<\"@\">\"").shown_text("a"), "<a>");
        assert_eq!(Format::of("@").shown_text("a"), "a");
        assert_eq!(Format::of("0.00").shown_text("a"), "a");
    }

    proptest::proptest! {
        #[test]
        fn no_code_and_no_number_does_harm(code in ".{0,60}", value in proptest::num::f64::ANY) {
            let _ = Format::of(&code).shown(value, false);
        }
    }
}
