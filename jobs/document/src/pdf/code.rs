//! How is code written down? Line by line, with the spaces that it has on the page.

use super::geometry::{Area, median};
use super::line::Line;

/// The text of lines that are set in a font for code.
pub fn verbatim(lines: &[Line]) -> String {
    let width = character_width(lines);
    let left = lines.iter().map(|line| line.bounds.x0).fold(f32::MAX, f32::min);
    let mut pitches: Vec<f32> = lines
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some(b.base - a.base),
            _ => None,
        })
        .collect();
    let usual = median(&mut pitches);
    let mut text = String::new();
    let mut above: Option<&Line> = None;
    for line in lines {
        if let Some(above) = above {
            text.push('\n');
            if line.base - above.base > 1.7 * usual {
                text.push('\n');
            }
        }
        indent(&mut text, (line.bounds.x0 - left) / width, 0);
        let mut end: Option<f32> = None;
        for word in &line.words {
            if let Some(end) = end {
                indent(&mut text, (word.bounds.x0 - end) / width, usize::from(word.spaced));
            }
            text.push_str(&word.text);
            end = Some(word.bounds.x1);
        }
        above = Some(line);
    }
    text
}

/// Adds so many spaces, at least `least`, and no more than a line has.
fn indent(text: &mut String, spaces: f32, least: usize) {
    let spaces = if spaces.is_finite() { spaces.round().clamp(0.0, 120.0) as usize } else { 0 };
    text.extend(std::iter::repeat_n(' ', spaces.max(least)));
}

/// How wide a character is.
fn character_width(lines: &[Line]) -> f32 {
    let words = lines.iter().flat_map(|line| &line.words);
    let mut widths: Vec<f32> =
        words.map(|word| word.bounds.width() / word.text.chars().count().max(1) as f32).collect();
    median(&mut widths).max(0.5)
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::word;
    use super::*;

    #[test]
    fn code_keeps_its_indents_and_its_empty_lines() {
        let line = |words| Line::of(words).unwrap();
        let lines = [
            line(vec![word("se", 0.0, 0.0), word("x:", 15.0, 0.0)]),
            line(vec![word("y", 20.0, 12.0)]),
            line(vec![word("z", 20.0, 24.0)]),
            line(vec![word("fim", 0.0, 48.0)]),
        ];
        assert_eq!(verbatim(&lines), "se x:\n    y\n    z\n\nfim");
    }
}
