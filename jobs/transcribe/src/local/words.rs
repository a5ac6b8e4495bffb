//! How do tokens become words with sane times? Joined at their blanks; times never run backwards and have a length.

use super::super::transcript::{Word, is_unspaced};
use super::chunk::{Piece, placed};
use super::whisper::{Line, Token};

/// Seconds that a word takes at least.
const LEAST: f64 = 0.02;

/// Tokens of one word.
#[derive(Default)]
struct Part {
    bytes: Vec<u8>,
    start: f64,
    end: f64,
    /// The product of the probabilities, and their number.
    logarithms: f64,
    count: f64,
}

/// The words of a line, in seconds of the recording. None begins before `after`.
pub fn words(line: &Line, pieces: &[Piece], after: f64) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    for part in parts(&line.tokens) {
        let text = String::from_utf8_lossy(&part.bytes).trim().replace(char::is_control, "");
        if text.is_empty() {
            continue;
        }
        let confidence = (part.logarithms / part.count.max(1.0)).exp();
        // A mark of punctuation that stands alone belongs to the word before it.
        if let Some(last) = out.last_mut()
            && !text.chars().any(char::is_alphanumeric)
            && !part.bytes.starts_with(b" ")
        {
            last.text.push_str(&text);
            continue;
        }
        let (start, end) = placed(pieces, part.start, part.end);
        out.push(Word { start, end, text, confidence });
    }
    straighten(&mut out, after);
    out
}

/// Tokens, by words: a blank begins one, and in scripts without blanks every token does.
fn parts(tokens: &[Token]) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    for token in tokens {
        let goes_on = out
            .last()
            .is_some_and(|last| !token.bytes.starts_with(b" ") && !parts_here(&last.bytes, &token.bytes));
        if !goes_on {
            out.push(Part { start: token.start, ..Part::default() });
        }
        if let Some(part) = out.last_mut() {
            part.bytes.extend(&token.bytes);
            part.end = part.end.max(token.end);
            part.logarithms += f64::from(token.probability.max(1e-6)).ln();
            part.count += 1.0;
        }
    }
    out
}

/// Whether two tokens that no blank parts are words of their own. Half a letter never is.
fn parts_here(before: &[u8], next: &[u8]) -> bool {
    let last = std::str::from_utf8(before).ok().and_then(|text| text.chars().next_back());
    let first = std::str::from_utf8(next).ok().and_then(|text| text.chars().next());
    matches!((last, first), (Some(last), Some(first)) if is_unspaced(last) && is_unspaced(first))
}

/// Makes times rise. Words that begin together, as those without length do, share the room up to the next one.
fn straighten(words: &mut [Word], after: f64) {
    let mut least = after;
    for word in words.iter_mut() {
        word.start = word.start.max(least);
        word.end = word.end.max(word.start);
        least = word.start;
    }
    let mut rest = &mut *words;
    while let Some(start) = rest.first().map(|word| word.start) {
        let together = rest.iter().take_while(|word| word.start - start < LEAST).count().max(1);
        let (group, later) = rest.split_at_mut(together);
        let next = later.first().map_or(f64::INFINITY, |word| word.start);
        share(group, start, next);
        rest = later;
    }
    // What was pressed together between two instants pushes on what follows.
    let mut least = after;
    for word in words.iter_mut() {
        word.start = rounded(word.start.max(least));
        word.end = rounded(word.end.max(word.start + LEAST / 2.0));
        least = word.end;
    }
}

/// Spreads words from `start` up to the last one's end, or `next`.
fn share(group: &mut [Word], start: f64, next: f64) {
    let count = count_of(group.len());
    let end = group.last().map_or(start, |word| word.end).max(start + LEAST * count).min(next);
    let each = (end - start) / count;
    for (number, word) in (0..).zip(group) {
        word.start = start + each * count_of(number);
        word.end = word.start + each;
    }
}

/// To milliseconds.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "words of one line")]
fn count_of(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::decode::RATE;
    use super::*;

    fn line(tokens: &[(&str, f64, f64)]) -> Line {
        let tokens = tokens.iter().map(|(text, start, end)| Token {
            bytes: text.as_bytes().to_vec(),
            start: *start,
            end: *end,
            probability: 0.5,
        });
        Line { start: 0.0, end: 10.0, no_speech: 0.0, tokens: tokens.collect() }
    }

    fn whole() -> [Piece; 1] {
        [Piece { from: 0, length: 30 * RATE as usize }]
    }

    #[test]
    fn tokens_are_joined_at_blanks_and_marks_belong_to_the_word_before() {
        let line = line(&[
            (" Ol", 0.0, 0.2),
            ("á", 0.2, 0.4),
            (",", 0.4, 0.4),
            (" mun", 0.5, 0.7),
            ("do", 0.7, 0.9),
            (".", 0.9, 1.0),
        ]);
        let words = words(&line, &whole(), 0.0);
        let told: Vec<(&str, f64, f64)> =
            words.iter().map(|word| (word.text.as_str(), word.start, word.end)).collect();
        assert_eq!(told, [("Olá,", 0.0, 0.4), ("mundo.", 0.5, 1.0)]);
        assert!((words[0].confidence - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_letter_over_two_tokens_is_whole_and_unspaced_scripts_have_a_word_a_token() {
        let mut split = line(&[(" a", 0.0, 0.1), ("", 0.1, 0.2), ("", 0.2, 0.3)]);
        split.tokens[1].bytes = vec![0xc3];
        split.tokens[2].bytes = vec![0xa7];
        assert_eq!(words(&split, &whole(), 0.0)[0].text, "aç");
        let japanese = line(&[("今日", 0.0, 0.5), ("は", 0.5, 0.6), ("。", 0.6, 0.6)]);
        let told: Vec<String> = words(&japanese, &whole(), 0.0).into_iter().map(|word| word.text).collect();
        assert_eq!(told, ["今日", "は。"]);
    }

    proptest! {
        #[test]
        fn times_never_run_backwards_and_every_word_has_a_length(
            tokens in prop::collection::vec(("( [a-z]{1,5}|[a-z]|[.,])", 0_u32..3_000, 0_u32..3_000), 0..40),
            after in 0_u32..3_000,
        ) {
            let tokens: Vec<(&str, f64, f64)> = tokens.iter()
                .map(|(text, start, end)| (text.as_str(), f64::from(*start) / 100.0, f64::from(*end) / 100.0)).collect();
            let after = f64::from(after) / 100.0;
            let words = words(&line(&tokens), &whole(), after);
            for word in &words {
                prop_assert!(word.start >= after && word.end > word.start, "{:?}", words);
            }
            for pair in words.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start, "{:?}", words);
            }
        }
    }
}
