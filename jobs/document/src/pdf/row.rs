//! Which words make a line? Those on one baseline without a wide gap, and the small ones that are set above or below it.

use super::geometry::Area;
use super::line::{Line, has_leader};
use super::word::Word;
use crate::model::Rect;

/// Words on one baseline, over the whole page.
struct Row {
    words: Vec<Word>,
    base: f32,
    size: f32,
}

/// The lines of a page, from top to bottom and then from left to right.
pub fn lines(words: Vec<Word>) -> Vec<Line> {
    let mut rows = rows(words);
    attach_scripts(&mut rows);
    rows.into_iter().flat_map(|row| pieces(row.words)).collect()
}

fn rows(mut words: Vec<Word>) -> Vec<Row> {
    words.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.bounds.x0.total_cmp(&b.bounds.x0)));
    let mut rows: Vec<Row> = Vec::new();
    for word in words {
        match rows.last_mut() {
            Some(row) if word.base - row.base <= 0.25 * word.style.size.min(row.size) => {
                row.size = row.size.max(word.style.size);
                row.words.push(word);
            }
            _ => rows.push(Row { base: word.base, size: word.style.size, words: vec![word] }),
        }
    }
    for row in &mut rows {
        row.words.sort_by(|a, b| a.bounds.x0.total_cmp(&b.bounds.x0));
    }
    rows
}

/// How many rows above and below are searched for the line of a raised or lowered word.
const NEAR: usize = 4;

/// Moves words that are set small, above or below a line and close to a word of it, into that line.
fn attach_scripts(rows: &mut Vec<Row>) {
    let mut moved: Vec<(usize, Word)> = Vec::new();
    for at in 0..rows.len() {
        let Some(row) = rows.get_mut(at) else { break };
        let mut kept = Vec::with_capacity(row.words.len());
        let words = std::mem::take(&mut row.words);
        let near = at.saturating_sub(NEAR)..(at + NEAR + 1).min(rows.len());
        let mut before: Option<(usize, Rect)> = None;
        for word in words {
            // Behind another raised word, it is raised too.
            let goes_on = before.filter(|(_, last)| {
                let gap = word.bounds.x0 - last.x1;
                gap < 0.35 * word.style.size && gap > -0.6 * word.style.size
            });
            let host = goes_on.map(|(host, _)| host).or_else(|| {
                near.clone()
                    .filter(|&other| other != at)
                    .find(|&other| rows.get(other).is_some_and(|row| is_script_of(&word, row)))
            });
            before = host.map(|host| (host, word.bounds));
            match host {
                Some(host) => moved.push((host, word)),
                None => kept.push(word),
            }
        }
        if let Some(row) = rows.get_mut(at) {
            row.words = kept;
        }
    }
    for (host, word) in moved {
        if let Some(row) = rows.get_mut(host) {
            row.words.push(word);
        }
    }
    for row in rows.iter_mut() {
        row.words.sort_by(|a, b| a.bounds.x0.total_cmp(&b.bounds.x0));
    }
    rows.retain(|row| !row.words.is_empty());
}

/// Whether a word is set small beside a word of `row`, and at its height.
fn is_script_of(word: &Word, row: &Row) -> bool {
    if word.style.size >= 0.85 * row.size {
        return false;
    }
    let is_host = |other: &Word, gap: f32| {
        let slack = 0.15 * other.style.size;
        let middle = word.bounds.centre();
        word.style.size < 0.85 * other.style.size
            && middle > other.bounds.y0 - slack
            && middle < other.bounds.y1 + slack
            && gap < 0.35 * other.style.size
            && gap > -0.6 * other.style.size
    };
    let place = row.words.partition_point(|other| other.bounds.x0 < word.bounds.x0);
    let before = place.checked_sub(1).and_then(|before| row.words.get(before));
    before.is_some_and(|other| is_host(other, word.bounds.x0 - other.bounds.x1))
        || row.words.get(place).is_some_and(|other| is_host(other, other.bounds.x0 - word.bounds.x1))
}

/// How many times its size a gap in an entry of a table of contents is wide at most.
const WIDEST_IN_ENTRY: f32 = 6.0;

/// A gap between two words of a row, and whether a space is drawn in it.
type Gap = (f32, bool);

/// Parts the words of a row where a gap is too wide for a space.
fn pieces(words: Vec<Word>) -> Vec<Line> {
    let gap = |pair: &[Word]| match pair {
        [a, b] => (b.bounds.x0 - a.bounds.x1, b.spaced),
        _ => (0.0, false),
    };
    let gaps: Vec<Gap> = words.windows(2).map(gap).collect();
    // An entry of a table of contents is one line, from its number to that of its page.
    let is_entry = has_leader(&words);
    let mut lines = Vec::new();
    let mut piece: Vec<Word> = Vec::new();
    for (at, word) in words.into_iter().enumerate() {
        if let (Some(last), Some(before)) = (piece.last(), at.checked_sub(1))
            && is_wide(last, &word, &gaps, before)
            && !(is_entry && word.bounds.x0 - last.bounds.x1 < WIDEST_IN_ENTRY * word.style.size)
        {
            lines.extend(Line::of(std::mem::take(&mut piece)));
        }
        piece.push(word);
    }
    lines.extend(Line::of(piece));
    lines
}

/// Whether gap `at` of a row, between two words, is no space: wider than one, and not one of a line that is stretched.
fn is_wide(a: &Word, b: &Word, gaps: &[Gap], at: usize) -> bool {
    let gap = b.bounds.x0 - a.bounds.x1;
    // A raised word is small, and the gap beside it is as wide as its line wants it.
    let size = a.style.size.max(b.style.size);
    let has_digits = |word: &Word| word.text.bytes().any(|byte| byte.is_ascii_digit());
    let space = match (a, b) {
        _ if a.style.mono && b.style.mono => 1.4,
        // Columns of numbers stand close to their neighbours.
        _ if has_digits(a) || has_digits(b) => 0.5,
        _ => 0.66,
    };
    if gap <= space * size {
        return false;
    }
    // The gaps of a stretched line are alike, in what is drawn in them too; those between cells seldom are.
    let is_like = |other: Option<&Gap>| {
        other.is_some_and(|(other, spaced)| (other - gap).abs() < 0.1 * size && *spaced == b.spaced)
    };
    let is_stretched =
        is_like(at.checked_sub(1).and_then(|before| gaps.get(before))) || is_like(gaps.get(at + 1));
    !(is_stretched && gap < if b.spaced { 2.5 * size } else { size })
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::{sized, word};
    use super::*;

    fn texts(words: Vec<Word>) -> Vec<String> {
        lines(words).iter().map(Line::text).collect()
    }

    #[test]
    fn a_wide_gap_ends_a_line() {
        let words = vec![word("um", 0.0, 20.0), word("dois", 13.0, 20.0), word("longe", 60.0, 20.0)];
        assert_eq!(texts(words), ["um dois", "longe"]);
    }

    #[test]
    fn an_entry_of_a_table_of_contents_is_one_line() {
        let mut words = vec![word("3.1", 0.0, 20.0), word("Rede", 35.0, 20.0)];
        words.extend((0..6u8).map(|dot| word(".", 60.0 + 8.0 * f32::from(dot), 20.0)));
        words.push(word("12", 120.0, 20.0));
        assert_eq!(texts(words), ["3.1 Rede . . . . . . 12"]);
    }

    #[test]
    fn a_raised_number_belongs_to_the_word_that_it_follows() {
        let mut raised = sized("2", 10.0, 16.0, 6.0);
        raised.spaced = false;
        assert_eq!(texts(vec![word("km", 0.0, 20.0), raised, word("cada", 16.0, 20.0)]), ["km2 cada"]);
    }

    #[test]
    fn lines_are_read_from_top_to_bottom() {
        assert_eq!(texts(vec![word("fim", 0.0, 40.0), word("começo", 0.0, 20.0)]), ["começo", "fim"]);
    }
}
