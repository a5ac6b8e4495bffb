//! What of Whisper's text did nobody say? Silence that became a sentence, and sentences that it cannot stop repeating.
//!
//! Whisper was trained on subtitles: given music or noise it writes what stands there, thanks for watching, and given little
//! it may repeat itself to the end of its window. OpenAI's own thresholds (`whisper/transcribe.py`) catch most of the first,
//! the guards below the rest.

use super::super::transcript::Word;
use super::whisper::{Line, Told};

/// The mean logarithm below which a line is noise, whatever its probability of silence.
const HOPELESS: f64 = -2.0;
/// Words a second that nobody can speak; and the fewest words for that to tell.
const FASTEST: f64 = 9.0;
const FAST_WORDS: usize = 6;
/// How often the same words may follow one another at the end of a line, by how many words they are.
const REPEATS: usize = 4;
const LONGEST_LOOP: usize = 12;
/// Lines that are equal may follow one another so often.
const EQUAL_LINES: usize = 2;

/// Whether a line is to be dropped.
pub fn is_invented(line: &Line, words: &[Word], told: &Told) -> bool {
    let count = line.tokens.len();
    if count == 0 || !words.iter().any(|word| word.text.chars().any(char::is_alphanumeric)) {
        return true;
    }
    #[expect(clippy::cast_precision_loss, reason = "tokens of one line")]
    let mean = line.tokens.iter().map(|token| f64::from(token.probability.max(1e-6)).ln()).sum::<f64>()
        / count as f64;
    let doubtful = mean < f64::from(told.doubtful);
    (doubtful && line.no_speech >= told.no_speech) || mean < HOPELESS || is_annotation(words)
}

/// Whether somebody would have to speak faster than anybody can; `seconds` of speech were heard.
pub fn is_too_fast(words: usize, seconds: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "words of one chunk")]
    let rate = words as f64 / seconds.max(0.1);
    words >= FAST_WORDS && rate > FASTEST
}

/// `[Music]`, `(applause)`, `♪`: what subtitles say of sounds.
fn is_annotation(words: &[Word]) -> bool {
    let text: String = words.iter().map(|word| word.text.as_str()).collect();
    let within = |open: char, close: char| text.starts_with(open) && text.ends_with(close);
    within('[', ']') || within('(', ')') || within('*', '*') || text.starts_with('♪')
}

/// Cuts off what repeats itself at the end: three words said five times are left once. Answers whether it did.
pub fn cut_loop(words: &mut Vec<Word>) -> bool {
    let plain: Vec<String> = words.iter().map(|word| bare(&word.text)).collect();
    for length in 1..=LONGEST_LOOP.min(plain.len() / 2) {
        let Some(last) = plain.get(plain.len() - length..) else { continue };
        let times = plain.rchunks_exact(length).take_while(|chunk| *chunk == last).count();
        if times > REPEATS {
            words.truncate(words.len() - (times - 1) * length);
            return true;
        }
    }
    false
}

/// Counts lines that are equal to the one before, over a whole channel.
#[derive(Debug, Default)]
pub struct Echo {
    last: String,
    times: usize,
}

impl Echo {
    /// Whether a line was said too often in a row.
    pub fn hears_again(&mut self, text: &str) -> bool {
        let text = bare(text);
        if text == self.last && !text.is_empty() {
            self.times += 1;
        } else {
            (self.last, self.times) = (text, 1);
        }
        self.times > EQUAL_LINES
    }
}

/// Letters and digits alone.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::super::whisper::Token;
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        text.split(' ').map(|word| Word { text: word.to_owned(), ..Word::default() }).collect()
    }

    fn told() -> Told {
        Told { language: "en".into(), doubtful: -1.0, no_speech: 0.6 }
    }

    fn line(probability: f32, no_speech: f32) -> Line {
        Line { no_speech, tokens: vec![Token { probability, ..Token::default() }; 3], ..Line::default() }
    }

    #[test]
    fn a_line_must_be_doubtful_and_silent_to_be_dropped_or_hopeless() {
        let said = words("so it is");
        assert!(!is_invented(&line(0.9, 0.9), &said, &told()));
        assert!(!is_invented(&line(0.3, 0.1), &said, &told()));
        assert!(is_invented(&line(0.3, 0.9), &said, &told()));
        assert!(is_invented(&line(0.1, 0.1), &said, &told()));
        assert!(is_invented(&line(0.9, 0.1), &words("[Music playing]"), &told()));
        assert!(is_invented(&line(0.9, 0.1), &words("... !"), &told()));
    }

    #[test]
    fn what_repeats_itself_to_the_end_is_left_once() {
        let mut stammer = words("ok and so on and so on and so on, And so on and so on and so on");
        assert!(cut_loop(&mut stammer));
        assert_eq!(stammer.len(), 4);
        let mut song = words("no no no no");
        assert!(!cut_loop(&mut song), "a voice may repeat itself");
    }

    #[test]
    fn a_line_that_is_said_a_third_time_in_a_row_is_an_echo() {
        let mut echo = Echo::default();
        let heard: Vec<bool> = ["Thank you.", "thank you", "Thank you!", "Bye.", "Thank you."]
            .map(|text| echo.hears_again(text))
            .to_vec();
        assert_eq!(heard, [false, false, true, false, false]);
    }

    #[test]
    fn nobody_speaks_twenty_words_a_second() {
        assert!(is_too_fast(20, 1.0) && !is_too_fast(20, 5.0) && !is_too_fast(3, 0.2));
    }
}
