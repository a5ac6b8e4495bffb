//! Which e-mail addresses stand in a text? Written with their sign, or as they are spoken: `ana arroba exemplo ponto com`.

use std::ops::Range;

use super::super::transcript::is_unspaced;

/// How the sign, and the dot, are called.
const AT: [&str; 3] = ["at", "arroba", "@"];
const DOT: [&str; 4] = ["dot", "ponto", "punto", "."];
/// What ends a spoken address: without one of these, `look at this dot` would be an address.
const ENDINGS: [&str; 16] =
    ["com", "org", "net", "br", "gov", "edu", "pt", "io", "eu", "uk", "de", "es", "fr", "info", "dev", "app"];

/// The places of all addresses.
pub fn find(text: &str) -> Vec<Range<usize>> {
    let words = words(text);
    let signs = text.char_indices().filter(|(_, letter)| is_at(*letter));
    let mut found: Vec<Range<usize>> =
        signs.filter_map(|(at, sign)| written(text, at..at + sign.len_utf8())).collect();
    found.extend((0..words.len()).filter_map(|at| spoken(text, &words, at)));
    found
}

fn is_at(letter: char) -> bool {
    matches!(letter, '@' | '\u{ff20}' | '\u{fe6b}')
}

fn words(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let word = |word: &str| {
        let start = at;
        at += word.len();
        start..start + word.trim_end().len()
    };
    text.split_inclusive(char::is_whitespace).map(word).filter(|word| !word.is_empty()).collect()
}

/// An address around its sign: whatever may stand in a name before it, and in a domain after it.
fn written(text: &str, sign: Range<usize>) -> Option<Range<usize>> {
    let (before, after) = (text.get(..sign.start)?, text.get(sign.end..)?);
    let (local, domain) = (Letters::of(before.chars().next_back()?), Letters::of(after.chars().next()?));
    let local = before.trim_end_matches(|c| local.has(c) || "._%+-'".contains(c));
    let domain = after.trim_start_matches(|c| domain.has(c) || ".-".contains(c));
    let start = local.len();
    let name = before.get(start..)?.trim_start_matches(|c: char| !c.is_alphanumeric());
    let place = after.get(..after.len() - domain.len())?.trim_end_matches(|c: char| !c.is_alphanumeric());
    let fits = name.contains(char::is_alphanumeric) && place.contains('.') && !place.starts_with('.');
    fits.then(|| sign.start - name.len()..sign.end + place.len())
}

/// The letters of half an address. Where it is of Latin ones, a script without blanks goes on around it.
enum Letters {
    Latin,
    Any,
}

impl Letters {
    /// Those of what has this letter at the sign.
    fn of(letter: char) -> Self {
        if letter.is_ascii() { Self::Latin } else { Self::Any }
    }

    fn has(&self, letter: char) -> bool {
        letter.is_alphanumeric() && (matches!(self, Self::Any) || !is_unspaced(letter))
    }
}

/// An address around the word `at`.
fn spoken(text: &str, words: &[Range<usize>], at: usize) -> Option<Range<usize>> {
    let is_one_of = |index: usize, names: &[&str]| {
        plain(text, words.get(index)).is_some_and(|word| names.contains(&word.as_str()))
    };
    if !is_one_of(at, &AT) {
        return None;
    }
    let mut first = at.checked_sub(1)?;
    while first >= 2 && is_one_of(first - 1, &DOT) {
        first -= 2;
    }
    // The domain: a word, then a dot and a word, as often as that goes on; or `exemplo.com` in one word.
    let mut last = at + 1;
    let domain = plain(text, words.get(last))?;
    let mut ends = domain.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending));
    while is_one_of(last + 1, &DOT) && words.len() > last + 2 {
        last += 2;
        ends = is_one_of(last, &ENDINGS);
    }
    let range = words.get(first)?.start..words.get(last)?.end;
    let trimmed = text.get(range.clone())?.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
    ends.then(|| range.start..range.start + trimmed)
}

fn plain(text: &str, word: Option<&Range<usize>>) -> Option<String> {
    let word = text.get(word?.clone())?;
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    Some(if bare.is_empty() { word.to_owned() } else { bare.to_lowercase() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_written_and_spoken() {
        for (text, address) in [
            ("escreva para ana.souza@exemplo.com.br, por favor", "ana.souza@exemplo.com.br"),
            ("meu e-mail é ana arroba exemplo ponto com ponto br.", "ana arroba exemplo ponto com ponto br"),
            ("ana ponto souza arroba exemplo.com", "ana ponto souza arroba exemplo.com"),
            ("it is bob at example dot com.", "bob at example dot com"),
            ("<ana@exemplo.com>", "ana@exemplo.com"),
            ("メールはana@exemplo.comです", "ana@exemplo.com"),
        ] {
            let found: Vec<&str> = find(text).into_iter().map(|at| &text[at]).collect();
            assert_eq!(found, [address], "{text}");
        }
    }

    #[test]
    fn addresses_without_blanks_between_them_are_each_found() {
        for text in ["a@x.com,b@y.com", "a@x.com/b@y.com", "a@x.com; b@y.com", "(a@x.com)|b@y.com."] {
            let found: Vec<&str> = find(text).into_iter().map(|at| &text[at]).collect();
            assert_eq!(found, ["a@x.com", "b@y.com"], "{text}");
        }
    }

    #[test]
    fn other_texts_have_none() {
        for text in
            ["look at this", "at noon", "we met at the station. Com certeza", "@", "a@b", "100 @ 3", "arroba"]
        {
            assert!(find(text).is_empty(), "{text}: {:?}", find(text));
        }
    }
}
