//! How are words broken into lines? So that each line fits and, where there are several, none is much longer.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::transcript::{joined, needs_blank};

/// The words in lines of at most `columns`; a word that is longer than a line is cut.
pub fn wrap(words: &[&str], columns: usize) -> Vec<String> {
    let fewest = fill(words, columns);
    // The narrowest lines of the same number are those of about the same length.
    let mut narrow = columns;
    let total = joined(words.iter().copied()).width();
    let mut least = total.div_ceil(fewest.len().max(1)).min(columns);
    while least < narrow {
        let middle = least.midpoint(narrow);
        if fill(words, middle).len() <= fewest.len() {
            narrow = middle;
        } else {
            least = middle + 1;
        }
    }
    // A word was not cut for the sake of balance alone.
    let longest = words.iter().map(|word| word.width()).max().unwrap_or_default();
    if longest > narrow && longest <= columns { fewest } else { fill(words, narrow) }
}

/// Fills one line after the other.
fn fill(words: &[&str], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in words {
        for piece in pieces(word, columns) {
            let blank = usize::from(needs_blank(&line, &piece));
            if !line.is_empty() && line.width() + blank + piece.width() > columns {
                lines.push(std::mem::take(&mut line));
            } else if blank == 1 {
                line.push(' ');
            }
            line.push_str(&piece);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A word, in pieces that fit.
fn pieces(word: &str, columns: usize) -> Vec<String> {
    if word.width() <= columns {
        return vec![word.to_owned()];
    }
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for letter in word.chars() {
        let width = letter.width().unwrap_or_default();
        if used + width > columns && used > 0 {
            pieces.push(String::new());
            used = 0;
        }
        used += width;
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_about_as_long_as_each_other() {
        let words: Vec<&str> = "And so my fellow Americans ask not what your country".split(' ').collect();
        assert_eq!(wrap(&words, 42), ["And so my fellow Americans", "ask not what your country"]);
        assert_eq!(wrap(&["Olá."], 42), ["Olá."]);
        assert!(wrap(&[], 42).is_empty());
    }

    #[test]
    fn what_is_longer_than_a_line_is_cut_and_wide_letters_count_twice() {
        assert_eq!(wrap(&["aaaaaaaaaaaaaaa"], 10), ["aaaaaaaa", "aaaaaaa"]);
        assert_eq!(wrap(&["今日は", "晴れです"], 10), ["今日は", "晴れです"]);
    }
}
