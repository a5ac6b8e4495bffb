//! What do characters need to become text? Joined letters apart, accents on their letters, and the way that they run.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;

/// Adds a character to a text: ligatures and Arabic forms as the letters that they stand for.
pub fn push(text: &mut String, code: char) {
    match code {
        'ﬀ' => text.push_str("ff"),
        'ﬁ' => text.push_str("fi"),
        'ﬂ' => text.push_str("fl"),
        'ﬃ' => text.push_str("ffi"),
        'ﬄ' => text.push_str("ffl"),
        'ﬅ' | 'ﬆ' => text.push_str("st"),
        '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' => text.extend(std::iter::once(code).nfkc()),
        // A mark that the font has apart, or one letter with its mark: written as one where Unicode has it.
        '\u{300}'..='\u{36F}' => {
            let whole = text.chars().next_back().and_then(|letter| compose(letter, code));
            match whole {
                Some(whole) => {
                    text.pop();
                    text.push(whole);
                }
                // A mark at the start of a word is the sign itself: fonts without a quotation mark have a grave accent.
                None if text.is_empty() => text.push(spacing(code)),
                None => text.push(code),
            }
        }
        _ => text.push(code),
    }
}

/// The sign that stands by itself, of a mark.
fn spacing(mark: char) -> char {
    match mark {
        '\u{300}' => '`',
        '\u{301}' => '´',
        '\u{302}' => '^',
        '\u{303}' => '~',
        '\u{308}' => '¨',
        _ => mark,
    }
}

/// The mark that goes onto a letter, of an accent that stands by itself.
fn combining(code: char) -> Option<char> {
    Some(match code {
        '`' | '\u{2CB}' => '\u{300}',
        '´' | '\u{2CA}' => '\u{301}',
        '^' | 'ˆ' => '\u{302}',
        '~' | '˜' => '\u{303}',
        '¯' | '\u{2C9}' => '\u{304}',
        '˘' => '\u{306}',
        '˙' => '\u{307}',
        '¨' => '\u{308}',
        '˚' => '\u{30A}',
        '˝' => '\u{30B}',
        'ˇ' => '\u{30C}',
        '¸' => '\u{327}',
        '˛' => '\u{328}',
        _ => return None,
    })
}

/// The letter that two characters make that are drawn over each other: an accent and what it stands on.
pub fn accented(a: char, b: char) -> Option<char> {
    let onto = |letter: char, accent: char| {
        let letter = match letter {
            'ı' => 'i',
            'ȷ' => 'j',
            letter => letter,
        };
        compose(letter, combining(accent)?)
    };
    if a.is_alphabetic() { onto(a, b) } else { onto(b, a) }
}

/// Whether a character runs from right to left.
pub fn is_right_to_left(code: char) -> bool {
    matches!(code, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}')
        && !is_mark(code)
        && !is_arabic_digit(code)
}

/// Arabic digits run from left to right, as all digits do.
fn is_arabic_digit(code: char) -> bool {
    matches!(code, '\u{660}'..='\u{669}' | '\u{6F0}'..='\u{6F9}')
}

/// Whether a character is a mark on the one before it.
pub fn is_mark(code: char) -> bool {
    matches!(code, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6ED}')
}

/// Whether a character is written without spaces between words.
pub fn is_unspaced(code: char) -> bool {
    matches!(code, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
        && !matches!(code, '\u{3130}'..='\u{318F}')
}

/// The order in which words that stand in a row are read; `runs_left` tells of each whether it is right-to-left,
/// and none of one that is neither, as a number.
///
/// The rules of UAX #9 for two levels: in a line that runs to the left, stretches that run to the right keep their order.
pub fn reading_order(runs_left: &[Option<bool>]) -> Vec<usize> {
    let left = runs_left.iter().filter(|run| **run == Some(true)).count();
    let right = runs_left.iter().filter(|run| **run == Some(false)).count();
    if left == 0 {
        return (0..runs_left.len()).collect();
    }
    let base = left >= right;
    let mut order: Vec<usize> = Vec::with_capacity(runs_left.len());
    let mut at = 0;
    while at < runs_left.len() {
        // A stretch against the line's own way, from one strong word to the last one.
        let is_against = |index: usize| runs_left.get(index).copied().flatten() == Some(!base);
        if !is_against(at) {
            order.push(at);
            at += 1;
            continue;
        }
        let mut end = at + 1;
        let mut ahead = end;
        while ahead < runs_left.len() && runs_left.get(ahead).copied().flatten() != Some(base) {
            if is_against(ahead) {
                end = ahead + 1;
            }
            ahead += 1;
        }
        order.extend((at..end).rev());
        at = end;
    }
    if base {
        order.reverse();
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_that_stand_by_themselves_go_onto_their_letters() {
        assert_eq!(accented('´', 'a'), Some('á'));
        assert_eq!(accented('c', '¸'), Some('ç'));
        assert_eq!(accented('ı', '´'), Some('í'));
        assert_eq!(accented('a', 'b'), None);
    }

    #[test]
    fn ligatures_come_apart() {
        let mut text = String::new();
        "oﬃcial e\u{301}".chars().for_each(|code| push(&mut text, code));
        assert_eq!(text, "official é");
    }

    #[test]
    fn a_line_that_runs_left_keeps_its_latin_stretches() {
        let (l, r) = (Some(true), Some(false));
        // As seen: the last Arabic word, two Latin ones, the first two Arabic words.
        assert_eq!(reading_order(&[l, r, r, l, l]), [4, 3, 1, 2, 0]);
        assert_eq!(reading_order(&[r, r, l, l, r]), [0, 1, 3, 2, 4]);
        assert_eq!(reading_order(&[r, None, r]), [0, 1, 2]);
    }
}
