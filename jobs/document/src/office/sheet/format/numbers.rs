//! How are the digits of a number laid out?

use super::super::decimal::{Decimal, general};
use super::super::pattern::{Piece, Section};

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

/// `value` as the section writes it.
pub fn number(section: &Section, value: f64) -> String {
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
            Piece::General => {
                let shown = general(value);
                let shown = shown.trim_start_matches('-');
                let shown = if section.is_portuguese { shown.replace('.', ",") } else { shown.to_owned() };
                text.push_str(&shown);
            }
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
