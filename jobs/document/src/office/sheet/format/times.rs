//! How are days and times written?

use super::super::pattern::{Piece, Section};
use super::super::serial::{Moment, moment};

/// `value` as the section writes it; none if it is no day.
pub fn time(section: &Section, value: f64, is_1904: bool) -> Option<String> {
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
