//! What is a passage? A page or some seconds of a document, as a line of JSON that a child leaves for its worker.

use serde::{Deserialize, Serialize};

/// Where a child leaves the passages of its document, below its `tmp/`.
pub(crate) const PASSAGES: &str = "passages.jsonl";

/// The most characters of one passage: some pages of a book. The words of a longer one would lose their places, which
/// Postgres counts up to 16,383 only.
pub const PASSAGE_CHARACTERS: usize = 20_000;

/// A page, or some seconds, of a document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passage {
    /// The page, from 1 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// From when to when, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<(f64, f64)>,
    /// The language, where it is not that of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What is said.
    pub text: String,
}

/// A text in pieces that are fit for passages, cut between words where there are any.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.char_indices().nth(PASSAGE_CHARACTERS).map_or(rest.len(), |(at, _)| {
            // A blank in the last half, or else right here.
            let space = rest[..at].rfind(char::is_whitespace).filter(|space| *space >= at / 2);
            space.map_or(at, |space| space)
        });
        let (piece, more) = rest.split_at(end);
        rest = if piece.is_empty() { "" } else { more };
        Some(piece)
    })
}

/// A text that Postgres keeps and a page shows: control characters are blanks, but for the ends of lines.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pieces_are_short_and_together_the_whole(word in "[a-zç]{1,12}", count in 0_usize..9_000) {
            let text = format!("{word} ").repeat(count);
            let found: Vec<&str> = pieces(&text).collect();
            prop_assert_eq!(found.concat(), text.as_str());
            prop_assert!(found.iter().all(|piece| piece.chars().count() <= PASSAGE_CHARACTERS));
            prop_assert!(found.iter().all(|piece| piece.trim().is_empty() || piece.trim().ends_with(&word)));
        }
    }

    #[test]
    fn a_text_without_a_blank_is_cut_anyway() {
        let text = "ç".repeat(PASSAGE_CHARACTERS + 1);
        assert_eq!(
            pieces(&text).map(|piece| piece.chars().count()).collect::<Vec<_>>(),
            [PASSAGE_CHARACTERS, 1]
        );
    }

    #[test]
    fn control_characters_are_blanks() {
        assert_eq!(clean("a\u{2}b\u{0}\nc\td"), "a b \nc d");
    }
}
