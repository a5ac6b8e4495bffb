//! What does a number of a spreadsheet look like in its format?

use super::decimal::{Decimal, general};
use super::pattern::{Piece, Section, sections};
use super::serial::{Moment, moment};

/// The longest code that is heeded, as spreadsheets have it.
const LONGEST_CODE: usize = 255;

/// A number format; the default one is the general one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Format {
    sections: Vec<Section>,
}

impl Format {
    /// By its code.
    pub fn of(code: &str) -> Self {
        if code.trim().eq_ignore_ascii_case("general") || code.is_empty() || code.len() > LONGEST_CODE {
            return Self::default();
        }
        Self { sections: sections(code) }
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
        let Some((section, value)) = self.section(value) else { return general(value) };
        let shown = if section.pieces.iter().any(Piece::is_of_time) {
            time(section, value, is_1904).unwrap_or_else(|| general(value))
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

/// How the digits of a section are laid out.
#[derive(Debug, Default)]
struct Layout {
    whole: usize,
    decimals: Vec<char>,
    exponent: usize,
    is_grouped: bool,
    /// Places that the point is moved to the right.
    shift: i32,
}

fn layout(pieces: &[Piece]) -> Layout {
    let mut layout = Layout::default();
    let mut place = 0;
    let mut commas = 0;
    for piece in pieces {
        match piece {
            Piece::Digit(digit) => {
                match place {
                    0 => {
                        layout.is_grouped |= commas > 0;
                        layout.whole += usize::from(*digit == '0');
                    }
                    1 => layout.decimals.push(*digit),
                    _ => layout.exponent += 1,
                }
                commas = 0;
            }
            Piece::Comma => commas += i32::from(layout.whole > 0 || pieces.contains(&Piece::Digit('#'))),
            Piece::Point if place == 0 => {
                place = 1;
                layout.shift -= 3 * commas;
                commas = 0;
            }
            Piece::Exponent(_) => place = 2,
            Piece::Percent => layout.shift += 2,
            _ => {}
        }
    }
    layout.shift -= 3 * commas;
    layout
}

fn number(section: &Section, value: f64) -> String {
    let pieces = &section.pieces;
    if pieces.contains(&Piece::Slash) {
        return fraction(section, value);
    }
    let layout = layout(pieces);
    let decimals = i32::try_from(layout.decimals.len()).unwrap_or_default();
    let mut decimal = Decimal::of(value).shifted(layout.shift);
    let exponent = decimal.exponent();
    let is_scientific = layout.exponent > 0;
    if is_scientific {
        decimal = decimal.shifted(-exponent);
    }
    let decimal = decimal.rounded(decimals);
    if is_parted(pieces) {
        return parted(pieces, value, &decimal.whole());
    }
    let mut text = if value < 0.0 && !decimal.is_zero() { "-".to_owned() } else { String::new() };
    let (mut is_written, mut in_exponent) = (false, false);
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Percent => text.push('%'),
            Piece::General => text.push_str(general(value).trim_start_matches('-')),
            Piece::Exponent(plus) => {
                in_exponent = true;
                let sign = if exponent < 0 {
                    "-"
                } else if *plus {
                    "+"
                } else {
                    ""
                };
                text.push_str(&format!("E{sign}{:0width$}", exponent.abs(), width = layout.exponent));
            }
            Piece::Digit(_) | Piece::Point if !is_written && !in_exponent => {
                is_written = true;
                text.push_str(&digits(&decimal, &layout, section.is_portuguese));
            }
            _ => {}
        }
    }
    text
}

/// Whether literals stand between the digits of a whole number, as in the format of a postal code or a tax number.
fn is_parted(pieces: &[Piece]) -> bool {
    let is_digit = |it: &&Piece| matches!(it, Piece::Digit(_));
    let first = pieces.iter().position(|it| is_digit(&it)).unwrap_or_default();
    let last = pieces.iter().rposition(|it| is_digit(&it)).unwrap_or_default();
    let between = pieces.get(first..=last).unwrap_or_default();
    between.iter().any(|it| matches!(it, Piece::Literal(_)))
        && between.iter().all(|it| matches!(it, Piece::Literal(_) | Piece::Digit(_)))
}

/// The digits of a whole number, each in its place from the right on; the first place takes all that are left.
fn parted(pieces: &[Piece], value: f64, whole: &str) -> String {
    let mut left: Vec<char> = whole.chars().collect();
    let mut places = pieces.iter().filter(|it| matches!(it, Piece::Digit(_))).count();
    let mut parts = Vec::new();
    for piece in pieces.iter().rev() {
        match piece {
            Piece::Digit(digit) => {
                places -= 1;
                let shown = left.pop().or((*digit == '0').then_some('0'));
                parts.push(shown.map(String::from).unwrap_or_default());
                if places == 0 {
                    parts.push(left.drain(..).collect());
                }
            }
            Piece::Literal(literal) => parts.push(literal.clone()),
            _ => {}
        }
    }
    parts.reverse();
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}", parts.concat())
}

/// The digits of a number, with separators as its language has them.
fn digits(decimal: &Decimal, layout: &Layout, is_portuguese: bool) -> String {
    let (group, point) = if is_portuguese { ('.', ',') } else { (',', '.') };
    let whole = decimal.whole();
    let whole = format!("{whole:0>width$}", width = layout.whole);
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if layout.is_grouped && place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(group);
        }
        text.push(digit);
    }
    let fraction = decimal.fraction();
    let asked = layout.decimals.iter().rposition(|it| *it == '0').map_or(0, |last| last + 1);
    let fraction = format!("{fraction:0<asked$}");
    if !fraction.is_empty() {
        text.push(point);
        text.push_str(&fraction);
    }
    text
}

/// A number as a whole and a fraction, the closest one with as many digits below as the format has places.
fn fraction(section: &Section, value: f64) -> String {
    let below = section.pieces.iter().skip_while(|it| **it != Piece::Slash);
    let places = below.filter(|it| matches!(it, Piece::Digit(_))).count().clamp(1, 4);
    let most = 10_u32.pow(u32::try_from(places).unwrap_or(1)) - 1;
    let whole = value.abs().trunc();
    let rest = value.abs() - whole;
    let (above, under) = closest(rest, most);
    let sign = if value < 0.0 { "-" } else { "" };
    match (above, whole) {
        (0, _) => format!("{sign}{}", general(whole)),
        (above, _) if above == under => format!("{sign}{}", general(whole + 1.0)),
        (above, 0.0) => format!("{sign}{above}/{under}"),
        (above, whole) => format!("{sign}{} {above}/{under}", general(whole)),
    }
}

fn closest(value: f64, most: u32) -> (u32, u32) {
    let mut best = (0, 1);
    let mut distance = value;
    for under in 1..=most {
        let above = (value * f64::from(under)).round();
        let off = (value - above / f64::from(under)).abs();
        if off < distance - 1e-12 {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and 9,999"
            )]
            let above = above as u32;
            (best, distance) = ((above, under), off);
        }
    }
    best
}

fn time(section: &Section, value: f64, is_1904: bool) -> Option<String> {
    let digits = section.pieces.iter().find_map(|it| match it {
        Piece::Fraction(digits) => u32::try_from(*digits).ok(),
        _ => None,
    });
    let moment = moment(value, is_1904, digits.unwrap_or_default())?;
    let halved = section.pieces.iter().any(|it| matches!(it, Piece::Half(_)));
    let pieces = section.pieces.iter().map(|piece| of_moment(piece, &moment, halved, section.is_portuguese));
    Some(pieces.collect())
}

fn of_moment(piece: &Piece, moment: &Moment, halved: bool, is_portuguese: bool) -> String {
    let padded = |number: u32, length: usize| format!("{number:0width$}", width = length.min(2));
    match piece {
        Piece::Literal(literal) => literal.clone(),
        Piece::Year(1 | 2) => format!("{:02}", moment.year % 100),
        Piece::Year(_) => moment.year.to_string(),
        Piece::Month(length @ (1 | 2)) => padded(moment.month, *length),
        Piece::Month(length) => named(months(is_portuguese), moment.month.saturating_sub(1), *length),
        Piece::Day(length @ (1 | 2)) => padded(moment.day, *length),
        Piece::Day(length) => named(weekdays(is_portuguese), moment.weekday, *length),
        Piece::Hour(length) if halved => padded((moment.hour + 11) % 12 + 1, *length),
        Piece::Hour(length) => padded(moment.hour, *length),
        Piece::Minute(length) => padded(moment.minute, *length),
        Piece::Second(length) => padded(moment.second, *length),
        Piece::Fraction(digits) => format!(".{:0width$}", moment.fraction, width = (*digits).min(3)),
        Piece::Half(short) => {
            let half = if moment.hour < 12 { "AM" } else { "PM" };
            half.get(..if *short { 1 } else { 2 }).unwrap_or_default().to_owned()
        }
        Piece::Elapsed(unit, length) => {
            let divisor = match unit {
                'h' => 3600,
                'm' => 60,
                _ => 1,
            };
            format!("{:0width$}", moment.elapsed / divisor, width = (*length).min(9))
        }
        Piece::Comma => ",".to_owned(),
        Piece::Point => ".".to_owned(),
        Piece::Slash => "/".to_owned(),
        _ => String::new(),
    }
}

/// A name: three letters of it, all, or (five `m`) the first.
fn named(names: &[&str], place: u32, length: usize) -> String {
    let name = names.get(place as usize).copied().unwrap_or_default();
    let letters = match length {
        3 => 3,
        5 => 1,
        _ => usize::MAX,
    };
    name.chars().take(letters).collect()
}

fn months(is_portuguese: bool) -> &'static [&'static str] {
    if is_portuguese {
        &[
            "janeiro",
            "fevereiro",
            "março",
            "abril",
            "maio",
            "junho",
            "julho",
            "agosto",
            "setembro",
            "outubro",
            "novembro",
            "dezembro",
        ]
    } else {
        &[
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ]
    }
}

fn weekdays(is_portuguese: bool) -> &'static [&'static str] {
    if is_portuguese {
        &["domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"]
    } else {
        &["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
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
