//! How do tokens become words with sane times? Joined at their blanks; times never run backwards and have a length.

use std::ops::RangeInclusive;

use super::super::transcript::{Word, is_unspaced};
use super::chunk::{Piece, placed};
use super::whisper::{Line, Token};

/// Seconds that a word takes at least.
const LEAST: f64 = 0.02;

/// Tokens of one word.
#[derive(Default)]
struct Part {
    text: String,
    start: f64,
    end: f64,
    /// The product of the probabilities, and their number.
    logarithms: f64,
    count: f64,
    /// The last token of which something is in it.
    last: Option<usize>,
}

/// A letter, and the first and the last of the tokens that have its bytes.
struct Letter {
    letter: char,
    tokens: RangeInclusive<usize>,
}

/// The words of a line, in seconds of the recording. None begins before `after`.
pub fn words(line: &Line, pieces: &[Piece], after: f64) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    for part in parts(&line.tokens) {
        let text = part.text.trim().replace(char::is_control, "");
        if text.is_empty() {
            continue;
        }
        let confidence = (part.logarithms / part.count.max(1.0)).exp();
        // A mark of punctuation that stands alone belongs to the word before it.
        if let Some(last) = out.last_mut()
            && !text.chars().any(char::is_alphanumeric)
            && !part.text.starts_with(' ')
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

/// Tokens, by words: a blank begins one, and in scripts without blanks every token that begins with a letter of its own.
fn parts(tokens: &[Token]) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    let mut before: Option<Letter> = None;
    for letter in letters(tokens) {
        let begins = before.as_ref().is_none_or(|before| letter.letter == ' ' || parts_here(before, &letter));
        if begins {
            let start = tokens.get(*letter.tokens.start()).map_or(0.0, |token| token.start);
            out.push(Part { start, ..Part::default() });
        }
        if let Some(part) = out.last_mut() {
            part.text.push(letter.letter);
            for number in letter.tokens.clone().filter(|number| part.last.is_none_or(|last| last < *number)) {
                let Some(token) = tokens.get(number) else { continue };
                part.end = part.end.max(token.end);
                part.logarithms += f64::from(token.probability.max(1e-6)).ln();
                part.count += 1.0;
            }
            part.last = Some(*letter.tokens.end());
        }
        before = Some(letter);
    }
    out
}

/// The letters of some tokens, each of which may begin and end within one.
fn letters(tokens: &[Token]) -> Vec<Letter> {
    let bytes: Vec<u8> = tokens.iter().flat_map(|token| token.bytes.iter().copied()).collect();
    let owners: Vec<usize> = (0..)
        .zip(tokens)
        .flat_map(|(number, token)| std::iter::repeat_n(number, token.bytes.len()))
        .collect();
    let mut out = Vec::new();
    let mut at = 0;
    let mut push = |letter: char, length: usize| {
        let (first, last) = (owners.get(at), owners.get(at + length - 1));
        if let (Some(first), Some(last)) = (first, last) {
            out.push(Letter { letter, tokens: *first..=*last });
        }
        at += length;
    };
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|letter| push(letter, letter.len_utf8()));
        if !chunk.invalid().is_empty() {
            push(char::REPLACEMENT_CHARACTER, chunk.invalid().len());
        }
    }
    out
}

/// Whether two letters that no blank parts belong to words of their own: another token begins with the second, which is no
/// mark on the first.
fn parts_here(before: &Letter, next: &Letter) -> bool {
    is_unspaced(before.letter)
        && is_unspaced(next.letter)
        && before.tokens.start() != next.tokens.start()
        && !is_bound(before.letter, next.letter)
}

/// Whether a letter stands on, below or behind the one before it and never alone, or that one asks for another.
fn is_bound(before: char, next: char) -> bool {
    let stacks = matches!(before, '\u{1039}' | '\u{17d2}' | '\u{200d}');
    stacks
        || matches!(u32::from(next),
            0x300..=0x36f | 0xe30..=0xe3a | 0xe45 | 0xe47..=0xe4e | 0xeb0..=0xebc | 0xec8..=0xece
            | 0x102b..=0x103e | 0x1056..=0x1059 | 0x105e..=0x1060 | 0x1062..=0x1064 | 0x1067..=0x106d
            | 0x1071..=0x1074 | 0x1082..=0x108d | 0x108f | 0x109a..=0x109d | 0x17b6..=0x17d3 | 0x17dd
            | 0x200c..=0x200d | 0x302a..=0x302f | 0x3099..=0x309a | 0xfe00..=0xfe0f | 0xe0100..=0xe01ef)
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

    #[test]
    fn letters_whose_tokens_begin_within_others_are_words_and_marks_stay_with_them() {
        // As a text is cut that the model has no words for: byte by byte, or two at once.
        for (text, expected) in [
            ("ខ្ញុំទៅផ្ទះ", vec!["ខ្ញុំ", "ទៅ", "ផ្ទះ"]),
            ("น้ำที่นี่", vec!["น้ำ", "ที่", "นี่"]),
            ("か\u{3099}き\u{3099}", vec!["か\u{3099}", "き\u{3099}"]),
        ] {
            let mut tokens = Vec::new();
            let mut bytes = text.as_bytes();
            for length in [2, 1, 2].into_iter().cycle() {
                let (now, later) = bytes.split_at(bytes.len().min(length));
                let start = f64::from(u8::try_from(tokens.len()).unwrap());
                tokens.push(Token { bytes: now.to_vec(), start, end: start + 1.0, probability: 0.5 });
                bytes = later;
                if bytes.is_empty() {
                    break;
                }
            }
            let words = words(&Line { tokens, ..Line::default() }, &whole(), 0.0);
            let told: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            assert_eq!(told, expected);
            assert!(words.iter().all(|word| (word.confidence - 0.5).abs() < 1e-6));
        }
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
