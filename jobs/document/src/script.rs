//! How are raised and lowered characters written in a plain text? As Unicode has them, so that m² is not m2.
//!
//! Digits and signs always have a form of their own (Unicode, block Superscripts and Subscripts). Letters seldom have one
//! that people can read and search for: those stay as they are, with a mark.

use super::model::Mark;

/// Where characters stand beside the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Above it.
    Raised,
    /// Below it.
    Lowered,
}

impl Script {
    /// The mark of what has no form of its own.
    pub fn mark(self) -> Mark {
        match self {
            Self::Raised => Mark::Raised,
            Self::Lowered => Mark::Lowered,
        }
    }

    /// Where characters with a mark stand.
    pub fn of(mark: &Mark) -> Option<Self> {
        match mark {
            Mark::Raised => Some(Self::Raised),
            Mark::Lowered => Some(Self::Lowered),
            _ => None,
        }
    }

    /// A piece of text that stands so, behind `before`; and whether something of it has no form of its own.
    pub fn written(self, piece: &str, before: Option<char>) -> (String, bool) {
        if self == Self::Raised
            && let Some(ordinal) = ordinal(piece, before)
        {
            return (ordinal.to_owned(), false);
        }
        let is_exponent = self == Self::Raised
            && piece.chars().all(|code| raised(code).is_some() || matches!(code, 'n' | 'i'));
        let mut has_letters = false;
        let form = |code: char| match (self, code) {
            (Self::Raised, 'n') if is_exponent => 'ⁿ',
            (Self::Raised, 'i') if is_exponent => 'ⁱ',
            (Self::Raised, _) => raised(code).unwrap_or(code),
            (Self::Lowered, _) => lowered(code).unwrap_or(code),
        };
        let written = piece.chars().map(form).inspect(|code| has_letters |= code.is_alphabetic()).collect();
        (written, has_letters && !is_exponent)
    }
}

/// `1.º`, `2ª`, `nº`: the letters of ordinal numbers have signs of their own.
fn ordinal(piece: &str, before: Option<char>) -> Option<&'static str> {
    let follows = before.is_some_and(|code| code.is_ascii_digit() || matches!(code, '.' | 'n' | 'N'));
    match piece.trim() {
        "o" if follows => Some("º"),
        "a" if follows => Some("ª"),
        _ => None,
    }
}

fn raised(code: char) -> Option<char> {
    Some(match code {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        '+' => '⁺',
        '-' | '−' | '–' => '⁻',
        '=' => '⁼',
        '(' => '⁽',
        ')' => '⁾',
        _ => return None,
    })
}

fn lowered(code: char) -> Option<char> {
    Some(match code {
        '0' => '₀',
        '1' => '₁',
        '2' => '₂',
        '3' => '₃',
        '4' => '₄',
        '5' => '₅',
        '6' => '₆',
        '7' => '₇',
        '8' => '₈',
        '9' => '₉',
        '+' => '₊',
        '-' | '−' | '–' => '₋',
        '=' => '₌',
        '(' => '₍',
        ')' => '₎',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_signs_have_forms_and_letters_need_a_mark() {
        let raised = |piece: &str, before| Script::Raised.written(piece, before);
        assert_eq!(raised("2", Some('m')), ("²".into(), false));
        assert_eq!(raised("-6", Some('0')), ("⁻⁶".into(), false));
        assert_eq!(raised("n+1", Some('2')), ("ⁿ⁺¹".into(), false));
        assert_eq!(raised("1,2", Some('0')), ("¹,²".into(), false));
        assert_eq!(raised("th", Some('4')), ("th".into(), true));
        assert_eq!(Script::Lowered.written("2", Some('O')), ("₂".into(), false));
        assert_eq!(Script::Lowered.written("max", Some('x')), ("max".into(), true));
    }

    #[test]
    fn ordinals_have_signs_of_their_own() {
        assert_eq!(Script::Raised.written("o", Some('n')), ("º".into(), false));
        assert_eq!(Script::Raised.written("a", Some('3')), ("ª".into(), false));
        assert_eq!(Script::Raised.written("a", Some('x')), ("a".into(), true));
    }
}
