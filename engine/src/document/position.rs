//! Where does the next page of hits begin? After a hit, of one question only.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Wanted;

/// The last hit of a page. Hits are in the order of their scores, which depend on the passage and the question alone:
/// what comes or goes between two pages makes no hit come twice or be passed over.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// Which question it belongs to.
    pub(super) question: u64,
    /// The score, bit by bit.
    pub(super) score: f32,
    pub(super) document: Uuid,
    pub(super) number: i32,
}

/// The text is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPosition;

impl Position {
    /// Whether it is one of this question.
    #[must_use]
    pub fn is_of(&self, wanted: &Wanted) -> bool {
        self.question == question(wanted)
    }
}

/// A number that another question hardly has.
pub(super) fn question(wanted: &Wanted) -> u64 {
    let mut hash = Sha256::new();
    let (kind, language) =
        (wanted.kind.as_deref(), wanted.language.as_ref().map(|language| language.primary()));
    for part in [Some(wanted.query.as_str()), kind, language] {
        hash.update(part.map_or(u64::MAX, |part| part.len() as u64).to_be_bytes());
        hash.update(part.unwrap_or_default());
    }
    hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { question, score, document, number } = self;
        write!(f, "{question:x}.{:x}.{}.{number}", score.to_bits(), document.simple())
    }
}

impl FromStr for Position {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or(NoPosition);
        let question = u64::from_str_radix(part()?, 16).map_err(|_| NoPosition)?;
        let score = f32::from_bits(u32::from_str_radix(part()?, 16).map_err(|_| NoPosition)?);
        let document = Uuid::try_parse(part()?).map_err(|_| NoPosition)?;
        let number = part()?.parse().map_err(|_| NoPosition)?;
        if parts.next().is_some() || !score.is_finite() {
            return Err(NoPosition);
        }
        Ok(Self { question, score, document, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_is_written_and_belongs_to_its_question() {
        let asked = |query: &str, kind: Option<&str>| Wanted {
            query: query.into(),
            kind: kind.map(Into::into),
            ..Wanted::default()
        };
        let one = asked("a", None);
        let position = Position { question: question(&one), score: 0.1, document: Uuid::now_v7(), number: 7 };
        let read: Position = position.to_string().parse().unwrap();
        assert_eq!(read, position);
        assert!(read.is_of(&one));
        assert!(!read.is_of(&asked("b", None)) && !read.is_of(&asked("a", Some(""))));
    }

    #[test]
    fn garbage_is_no_position() {
        for text in ["", "1.2", "x.0.0.0", "1.7fc00000.00000000000070008000000000000000.1", "1.2.3.4.5"] {
            assert!(text.parse::<Position>().is_err(), "{text}");
        }
    }
}
