//! Which parts of a text are emoji? They are set in the colour font, whatever else has their glyphs.
//!
//! DejaVu Sans draws many of them in outline; without this the fallback would never reach the colours.

/// A stretch of text, and whether it is emoji.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch<'a> {
    /// The text.
    pub text: &'a str,
    /// Whether it is to be shown in colour.
    pub emoji: bool,
}

/// Cuts a text where it changes between words and emoji.
#[must_use]
pub fn stretches(text: &str) -> Vec<Stretch<'_>> {
    let mut out: Vec<Stretch<'_>> = Vec::new();
    let mut begin = 0;
    let mut current = None;
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    while let Some((index, character)) = characters.next() {
        let next = characters.peek().map(|&(_, next)| next);
        let emoji =
            if is_glue(character) { current.unwrap_or(false) } else { is_emoji(character, before, next) };
        if current != Some(emoji) {
            if let Some(was) = current {
                out.push(Stretch { text: &text[begin..index], emoji: was });
            }
            begin = index;
            current = Some(emoji);
        }
        before = Some(character);
    }
    if let Some(emoji) = current {
        out.push(Stretch { text: &text[begin..], emoji });
    }
    out
}

/// Characters that only join or vary what stands before them.
fn is_glue(character: char) -> bool {
    matches!(character, '\u{200D}' | '\u{FE0E}' | '\u{FE0F}' | '\u{20E3}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}')
}

fn is_emoji(character: char, before: Option<char>, next: Option<char>) -> bool {
    if next == Some('\u{FE0E}') {
        return false;
    }
    // A variation selector asks for colour; so does what a joiner ties to an emoji (♀ in 🏃‍♀️).
    if next == Some('\u{FE0F}') || before == Some('\u{200D}') && !character.is_alphabetic() {
        return true;
    }
    matches!(character,
        '\u{1F300}'..='\u{1F5FF}' | '\u{1F600}'..='\u{1F64F}' | '\u{1F680}'..='\u{1F6FF}'
        | '\u{1F900}'..='\u{1F9FF}' | '\u{1FA70}'..='\u{1FAFF}' | '\u{1F1E6}'..='\u{1F1FF}'
        | '\u{1F004}' | '\u{1F0CF}' | '\u{1F18E}' | '\u{1F191}'..='\u{1F19A}' | '\u{1F7E0}'..='\u{1F7EB}'
        | '\u{231A}' | '\u{231B}' | '\u{23E9}'..='\u{23EC}' | '\u{23F0}' | '\u{23F3}' | '\u{25FD}' | '\u{25FE}'
        | '\u{2614}' | '\u{2615}' | '\u{2648}'..='\u{2653}' | '\u{267F}' | '\u{2693}' | '\u{26A1}' | '\u{26AA}'
        | '\u{26AB}' | '\u{26BD}' | '\u{26BE}' | '\u{26C4}' | '\u{26C5}' | '\u{26CE}' | '\u{26D4}' | '\u{26EA}'
        | '\u{26F2}' | '\u{26F3}' | '\u{26F5}' | '\u{26FA}' | '\u{26FD}' | '\u{2705}' | '\u{270A}' | '\u{270B}'
        | '\u{2728}' | '\u{274C}' | '\u{274E}' | '\u{2753}'..='\u{2755}' | '\u{2757}' | '\u{2795}'..='\u{2797}'
        | '\u{27B0}' | '\u{27BF}' | '\u{2B1B}' | '\u{2B1C}' | '\u{2B50}' | '\u{2B55}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emoji_of(text: &str) -> Vec<&str> {
        stretches(text).into_iter().filter(|stretch| stretch.emoji).map(|stretch| stretch.text).collect()
    }

    #[test]
    fn nothing_of_the_text_is_lost() {
        for text in ["", "Olá", "😀", "a😀b👩‍👩‍👧‍👦c", "1️⃣ ❤️ ❤ 🇧🇷!"] {
            assert_eq!(stretches(text).iter().map(|stretch| stretch.text).collect::<String>(), text);
        }
    }

    #[test]
    fn sequences_stay_together() {
        assert_eq!(emoji_of("a 👩‍👩‍👧‍👦 b 🏃🏽‍♀️ c 🇧🇷"), ["👩‍👩‍👧‍👦", "🏃🏽‍♀️", "🇧🇷"]);
        assert_eq!(emoji_of("1️⃣"), ["1️⃣"]);
    }

    #[test]
    fn letters_and_plain_symbols_are_words() {
        assert_eq!(emoji_of("Ação, 東京 1 # © ♥ →"), Vec::<&str>::new());
        assert_eq!(emoji_of("♥️"), ["♥️"]);
    }
}
