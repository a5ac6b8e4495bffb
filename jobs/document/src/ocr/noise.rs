//! Which words are none? Stains, rules and pictures that were taken for text.

use super::tesseract::{Begins, PixelBox, RawWord};

/// Below this, a word is left out.
const LEAST_CONFIDENCE: f32 = 0.2;
/// In a line of which the mean is above this, no word with letters is left out: it is a rare name or a formula.
const GOOD_LINE: f32 = 0.6;
/// Below this, a word without a letter or digit is left out.
const LEAST_FOR_MARKS: f32 = 0.5;
/// A page of which the mean is below this has no text.
const LEAST_FOR_PAGE: f32 = 0.5;
/// Kinds of blocks that tesseract takes for pictures, rules and noise (`PolyBlockType`).
const NO_TEXT: std::ops::RangeInclusive<i32> = 9..=14;

/// The words without the noise. What began with a word that goes, begins with the next one of its line.
pub(super) fn without_noise(words: &[RawWord]) -> Vec<RawWord> {
    let mut kept: Vec<RawWord> = Vec::with_capacity(words.len());
    let mut begun = None;
    let words = with_numerals(words);
    for line in words.chunk_by(|_, next| next.begins < Begins::Line) {
        let mean = mean_confidence(line);
        for word in line {
            begun = begun.max(Some(word.begins));
            if is_word(word, mean) {
                let begins = begun.take().unwrap_or(word.begins);
                kept.push(RawWord { begins, ..word.clone() });
            }
        }
    }
    if mean_confidence(&kept) < LEAST_FOR_PAGE { Vec::new() } else { kept }
}

/// A stroke before a dash, at the start of a line, is the Roman numeral of an item of a law: `I – a cidadania`. Rules that
/// were drawn are higher than the words beside them.
fn with_numerals(words: &[RawWord]) -> Vec<RawWord> {
    let mut words = words.to_vec();
    for line in words.chunk_by_mut(|_, next| next.begins < Begins::Line) {
        let [first, dash, rest @ ..] = line else { continue };
        let height = |word: &RawWord| (word.bounds.y1 - word.bounds.y0) as f32;
        let tallest = rest.iter().map(height).fold(0.0, f32::max);
        let is_dash = matches!(dash.text.trim(), "-" | "–" | "—");
        if let Some(numeral) = numeral(&first.text).filter(|_| is_dash && height(first) <= 1.5 * tallest) {
            first.text = numeral;
        }
    }
    words
}

/// `I`, `II` or `III`, of strokes that were taken for other signs.
fn numeral(text: &str) -> Option<String> {
    let text = text.trim();
    let is_strokes = text.chars().all(|code| matches!(code, '|' | 'l' | 'I' | '!'));
    let count = text.chars().count();
    (is_strokes && (1..=3).contains(&count)).then(|| "I".repeat(count))
}

/// The mean of the words' confidences, long words counting more.
pub(super) fn mean_confidence(words: &[RawWord]) -> f32 {
    let (sum, weight) = words.iter().fold((0.0, 0.0), |(sum, weight), word| {
        let length = word.text.chars().count() as f32;
        (sum + word.confidence * length, weight + length)
    });
    if weight > 0.0 { sum / weight } else { 0.0 }
}

fn is_word(word: &RawWord, line: f32) -> bool {
    let text = word.text.trim();
    if text.is_empty() || NO_TEXT.contains(&word.kind) {
        return false;
    }
    if text.chars().any(char::is_alphanumeric) {
        return word.confidence >= LEAST_CONFIDENCE || line >= GOOD_LINE;
    }
    word.confidence >= LEAST_FOR_MARKS && !is_rule(text, word.bounds)
}

/// A line that was drawn, not written.
fn is_rule(text: &str, b: PixelBox) -> bool {
    let (width, height) = (b.x1 - b.x0, b.y1 - b.y0);
    let drawn = text.chars().all(|c| matches!(c, '|' | '_' | '-' | '—' | '–' | '=' | '~' | 'ˆ' | '¯'));
    drawn && (width > 8 * height.max(1) || height > 4 * width.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, confidence: f32, begins: Begins) -> RawWord {
        let bounds = PixelBox { x0: 0, y0: 0, x1: 50, y1: 20 };
        RawWord { text: text.into(), confidence, bounds, line: bounds, begins, kind: 1, height: 20.0 }
    }

    #[test]
    fn the_line_goes_on_when_its_first_word_is_a_stain() {
        let words = vec![
            word("~", 0.3, Begins::Paragraph),
            word("Bom", 0.9, Begins::Word),
            word("dia", 0.9, Begins::Word),
        ];
        let kept = without_noise(&words);
        assert_eq!(kept.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(), ["Bom", "dia"]);
        assert_eq!((kept[0].begins, kept[1].begins), (Begins::Paragraph, Begins::Word));
    }

    #[test]
    fn a_doubtful_word_stays_among_good_ones_and_goes_among_bad_ones() {
        let line = |other: f32| {
            let good = |text| word(text, other, Begins::Word);
            vec![word("x²(y)", 0.1, Begins::Block), good("portanto"), good("conclui-se"), good("facilmente")]
        };
        assert_eq!(without_noise(&line(0.95)).len(), 4);
        assert_eq!(without_noise(&line(0.6)).len(), 3);
    }

    #[test]
    fn a_page_of_doubtful_words_is_empty() {
        let words = vec![word("Wek", 0.4, Begins::Block), word("iil", 0.35, Begins::Word)];
        assert!(without_noise(&words).is_empty());
    }

    #[test]
    fn a_stroke_before_a_dash_at_the_start_of_a_line_is_a_numeral() {
        let thin = PixelBox { x0: 0, y0: 0, x1: 3, y1: 20 };
        let line = |stroke: &str, bounds: PixelBox| {
            let first = RawWord { bounds, ..word(stroke, 0.4, Begins::Line) };
            let words = [first, word("–", 0.9, Begins::Word), word("cidadania", 0.9, Begins::Word)];
            without_noise(&words).into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(line("|", thin), "I – cidadania");
        assert_eq!(line("Il", thin), "II – cidadania");
        assert_eq!(line("lll", thin), "III – cidadania");
        assert_eq!(line("|", PixelBox { y1: 90, ..thin }), "– cidadania");
        assert_eq!(line("ele", thin), "ele – cidadania");
    }

    #[test]
    fn a_rule_is_no_word_and_a_dash_is() {
        let wide = PixelBox { x0: 0, y0: 0, x1: 500, y1: 3 };
        assert!(is_rule("—", wide) && is_rule("|", PixelBox { x0: 0, y0: 0, x1: 3, y1: 90 }));
        assert!(!is_rule("—", PixelBox { x0: 0, y0: 0, x1: 20, y1: 3 }));
    }
}
