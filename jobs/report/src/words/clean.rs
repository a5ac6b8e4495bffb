//! Which characters of a tenant's texts are shown?

/// A text without characters that are no part of a line of text: controls, and those that turn the direction of what follows,
/// by which a name could be made to look like another.
pub fn clean(text: &str) -> String {
    text.chars().filter_map(shown).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shown(character: char) -> Option<char> {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{200B}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' => None,
        '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}' => None,
        other if other.is_control() => None,
        other => Some(other),
    }
}

/// The beginning of a text of at most so many characters, with a sign that it goes on.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => {
            let end = text.char_indices().nth(most.saturating_sub(1)).map_or(0, |(end, _)| end);
            format!("{}…", text.get(..end).unwrap_or_default().trim_end())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_or_breaks_a_line_is_gone() {
        assert_eq!(clean("a\u{202E}fdp.exe\n\tb\u{0}\u{FFFE}  c\u{2028}"), "afdp.exe b c");
        assert_eq!(clean("São João — 한국 😀 e\u{301}"), "São João — 한국 😀 e\u{301}");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(shortened("ação", 4), "ação");
        assert_eq!(shortened("ações", 4), "açõ…");
        assert_eq!(shortened("", 0), "");
    }
}
