//! Does a line start an item of a list? By its bullet, its number or its letter.

use super::geometry::Area;
use super::line::Line;

/// What stands before an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// A sign, the same before each item.
    Bullet,
    /// A number.
    Number(u32),
    /// A letter, or a number in letters: it stays in the text.
    Letter,
}

/// The marker that a word is, at the start of a line.
pub fn marker(word: &str) -> Option<Marker> {
    let mut codes = word.chars();
    match (codes.next(), codes.next()) {
        (Some(only), None) => "•◦▪▫‣·●○■□➢➤✓✔◆◇►▶▸–—-*☐☒∙⁃".contains(only).then_some(Marker::Bullet),
        _ => numbered(word),
    }
}

fn numbered(word: &str) -> Option<Marker> {
    let inner = word.strip_prefix('(').unwrap_or(word);
    let end = inner.chars().next_back().filter(|end| matches!(end, '.' | ')' | 'º' | ':'))?;
    let inner = inner.strip_suffix(end).unwrap_or(inner);
    if inner.len() <= 3 && !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit()) {
        return (end != 'º' && end != ':').then(|| inner.parse().ok().map(Marker::Number))?;
    }
    let is_letter = inner.len() == 1 && inner.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_roman = (2..=4).contains(&inner.len()) && inner.bytes().all(|byte| b"ivx".contains(&byte));
    // `A. Silva` is a name: only small letters, or those in brackets, count.
    let is_plain = end == ')' || inner.bytes().all(|byte| byte.is_ascii_lowercase());
    (matches!(end, '.' | ')') && (is_letter || is_roman) && is_plain).then_some(Marker::Letter)
}

/// The number of a section as it stands before its title: `2`, `1.3`, `A.1.`.
pub fn is_section_number(word: &str) -> bool {
    let parts = word.trim_end_matches('.').split('.');
    let is_part = |part: &str| {
        let is_number = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number || part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    word.len() <= 12 && parts.clone().count() <= 6 && parts.into_iter().all(is_part)
}

/// A row of pieces, where a marker is one by itself: it is joined to what it stands before.
pub fn with_marker(mut row: Vec<Line>) -> Vec<Line> {
    let is_pair = row.len() == 2;
    let [first, second, ..] = row.as_slice() else { return row };
    let text = match first.words.as_slice() {
        [word] => word.text.as_str(),
        _ => return row,
    };
    let is_near = second.bounds.x0 - first.bounds.x1 < 5.0 * second.size;
    let is_marker = match marker(text) {
        // A dash in the first of several columns stands for nothing.
        Some(Marker::Bullet) => is_pair || !matches!(text, "-" | "–" | "—" | "*"),
        Some(Marker::Number(_) | Marker::Letter) => is_pair,
        None => is_pair && is_section_number(text) && second.words.iter().any(|word| word.text.len() > 3),
    };
    if is_marker && is_near && first.bounds.width() < 3.0 * first.size.max(second.size) {
        let second = row.remove(1);
        let words = row.remove(0).words.into_iter().chain(second.words).collect();
        if let Some(line) = Line::of(words) {
            row.insert(0, line);
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::word;
    use super::*;

    #[test]
    fn markers_are_told_from_words() {
        assert_eq!(marker("•"), Some(Marker::Bullet));
        assert_eq!(marker("12."), Some(Marker::Number(12)));
        assert_eq!(marker("(3)"), Some(Marker::Number(3)));
        assert_eq!(marker("b)"), Some(Marker::Letter));
        assert_eq!(marker("iv."), Some(Marker::Letter));
        for text in ["2024.", "A.", "12,50", "e", "Art.", "1º", ""] {
            assert_eq!(marker(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_of_sections_are_told_from_prices() {
        assert!(is_section_number("1.2.3") && is_section_number("A.1"));
        assert!(!is_section_number("12,50") && !is_section_number("Total"));
    }

    #[test]
    fn a_marker_is_joined_to_its_item() {
        let row = vec![
            Line::of(vec![word("•", 0.0, 0.0)]).unwrap(),
            Line::of(vec![word("item", 20.0, 0.0)]).unwrap(),
        ];
        assert_eq!(with_marker(row).iter().map(Line::text).collect::<Vec<_>>(), ["• item"]);
    }
}
