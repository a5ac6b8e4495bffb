//! What are the pieces of a number format?

mod scan;

pub use scan::sections;

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Literal(String),
    /// `0`, `#` or `?`.
    Digit(char),
    Point,
    Comma,
    Percent,
    /// `E+` or `E-`; whether a plus is shown.
    Exponent(bool),
    /// Between the parts of a fraction.
    Slash,
    /// The text of the cell.
    Text,
    General,
    Year(usize),
    Month(usize),
    Day(usize),
    Hour(usize),
    Minute(usize),
    Second(usize),
    /// Digits after the second.
    Fraction(usize),
    /// `AM/PM` or `A/P`; whether it is the short one.
    Half(bool),
    /// `[h]`, `[m]` or `[s]`.
    Elapsed(char, usize),
}

impl Piece {
    /// Whether it is of a day or a time.
    pub fn is_of_time(&self) -> bool {
        use Piece::{Day, Elapsed, Fraction, Half, Hour, Minute, Month, Second, Year};
        matches!(
            self,
            Year(_)
                | Month(_)
                | Day(_)
                | Hour(_)
                | Minute(_)
                | Second(_)
                | Fraction(_)
                | Half(_)
                | Elapsed(..)
        )
    }
}

/// When a section holds, if it says so itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    Less(f64),
    LessOrEqual(f64),
    Greater(f64),
    GreaterOrEqual(f64),
    Equal(f64),
    Different(f64),
}

impl Condition {
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::Less(bound) => value < bound,
            Self::LessOrEqual(bound) => value <= bound,
            Self::Greater(bound) => value > bound,
            Self::GreaterOrEqual(bound) => value >= bound,
            Self::Equal(bound) => (value - bound).abs() < f64::EPSILON,
            Self::Different(bound) => (value - bound).abs() >= f64::EPSILON,
        }
    }

    pub(super) fn of(text: &str) -> Option<Self> {
        const SIGNS: [&str; 6] = ["<=", ">=", "<>", "<", ">", "="];
        let sign = SIGNS.iter().find(|sign| text.starts_with(**sign))?;
        let bound = text.get(sign.len()..)?.trim().parse().ok()?;
        Some(match *sign {
            "<=" => Self::LessOrEqual(bound),
            ">=" => Self::GreaterOrEqual(bound),
            "<>" => Self::Different(bound),
            "<" => Self::Less(bound),
            ">" => Self::Greater(bound),
            _ => Self::Equal(bound),
        })
    }
}

/// One of the parts of a format that semicolons part.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Section {
    pub pieces: Vec<Piece>,
    pub condition: Option<Condition>,
    /// Whether its numbers and names are those of Portuguese.
    pub is_portuguese: bool,
}
