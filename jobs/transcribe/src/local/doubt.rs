//! What of Whisper's text did nobody say? Silence that became a sentence, and sentences that it cannot stop repeating.
//!
//! Whisper was trained on subtitles: given music or noise it writes what stands there, thanks for watching, and given little
//! it may repeat itself to the end of its window. OpenAI's own thresholds (`whisper/transcribe.py`) catch most of the first,
//! the guards below the rest.

use super::super::transcript::{Word, is_unspaced};
use super::whisper::{Line, Told};

/// The mean logarithm below which a line is noise, whatever its probability of silence.
const HOPELESS: f64 = -2.0;
/// Words a second that nobody can speak, and letters of scripts without blanks; and the fewest of both for that to tell.
const FASTEST: f64 = 9.0;
const FASTEST_LETTERS: f64 = 30.0;
const FAST_WORDS: usize = 6;
/// How often the same words may follow one another at the end of a line, by how many words they are.
const REPEATS: usize = 4;
const LONGEST_LOOP: usize = 12;
/// By how much either is more in scripts without blanks, whose words are letters; of the first, for laughter alone.
const UNSPACED: usize = 4;
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
pub fn is_too_fast(words: &[Word], seconds: f64) -> bool {
    let letters_of =
        |word: &Word| word.text.chars().filter(|c| is_unspaced(*c) && c.is_alphanumeric()).count();
    let letters: usize = words.iter().map(letters_of).sum();
    let spaced = words.iter().filter(|word| letters_of(word) == 0).count();
    #[expect(clippy::cast_precision_loss, reason = "words of one chunk")]
    let least = spaced as f64 / FASTEST + letters as f64 / FASTEST_LETTERS;
    spaced + letters >= FAST_WORDS && least > seconds.max(0.1)
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
    let unspaced = words.last().is_some_and(|word| word.text.starts_with(is_unspaced));
    let longest = if unspaced { UNSPACED * LONGEST_LOOP } else { LONGEST_LOOP };
    for length in 1..=longest.min(plain.len() / 2) {
        let Some(last) = plain.get(plain.len() - length..) else { continue };
        let times = plain.rchunks_exact(length).take_while(|chunk| *chunk == last).count();
        let most = if unspaced && length <= 2 { UNSPACED * REPEATS } else { REPEATS };
        if times > most {
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
        let twenty = words(&["so"; 20].join(" "));
        assert!(
            is_too_fast(&twenty, 1.0) && !is_too_fast(&twenty, 5.0) && !is_too_fast(&words("so it is"), 0.2)
        );
    }

    #[test]
    fn letters_of_scripts_without_blanks_are_no_words() {
        // Fifteen letters a second are quick Thai, and a hundred nobody's.
        let quick = words(&["ก"; 30].join(" "));
        assert!(!is_too_fast(&quick, 2.0) && is_too_fast(&quick, 0.3));
        // A sentence of fourteen letters, said six times.
        let sentence = "ご 視 聴 あ り が と う ご ざ い ま し た";
        let mut stammer = words(&[sentence; 6].join(" "));
        assert!(cut_loop(&mut stammer));
        assert_eq!(stammer.len(), sentence.split(' ').count());
        assert!(!cut_loop(&mut words(&["は"; 9].join(" "))), "somebody laughs");
    }
}
