//! Which characters of a text would be read as marks? Those get a backslash in front, and no others.
//!
//! By the rules of CommonMark 0.31 and of GitHub's Markdown; where the two differ, both are obeyed.

use super::spans::Place;

/// How a character acts beside a mark of emphasis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// White space, or nothing.
    Space,
    /// A letter or a digit.
    Word,
    /// Punctuation.
    Mark,
    /// Something else, such as a symbol: punctuation for one reader, a letter for another.
    Unsure,
}

/// The class of a character; nothing is a space.
pub fn class(c: Option<char>) -> Class {
    match c {
        None => Class::Space,
        Some(c) if c.is_whitespace() => Class::Space,
        Some(c) if c.is_alphanumeric() => Class::Word,
        // GitHub looks past it, at what stands beyond.
        Some('~') => Class::Unsure,
        Some(c) if c.is_ascii_punctuation() || is_punctuation(c) => Class::Mark,
        Some(_) => Class::Unsure,
    }
}

/// Punctuation beyond ASCII that texts of the West hold, of category P in every version of Unicode: quotes, dashes, dots.
fn is_punctuation(c: char) -> bool {
    matches!(c, '¡' | '§' | '«' | '¶' | '·' | '»' | '¿')
        || matches!(u32::from(c), 0x2010..=0x2027 | 0x2030..=0x2043 | 0x2045..=0x2051 | 0x2053..=0x205E)
}

/// The places in a text of the characters that are to be escaped, in order. `bounds` are the places where a mark begins or
/// ends, in order: whatever stands there has a mark for a neighbour.
pub fn escapes(text: &str, bounds: &[usize], place: Place) -> Vec<usize> {
    let mut found = Vec::new();
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        if place == Place::Block {
            found.extend(line_start(content, from == 0).map(|at| from + at));
        }
        in_line(&Line { text: content, from, bounds }, place, &mut found);
        from += line.len();
    }
    if place == Place::Heading {
        found.extend(closing(text));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// A line of a text, and where in the text it begins.
struct Line<'a> {
    text: &'a str,
    from: usize,
    bounds: &'a [usize],
}

impl Line<'_> {
    fn is_bound(&self, at: usize) -> bool {
        self.bounds.binary_search(&(self.from + at)).is_ok()
    }
}

/// Characters that are marks wherever they stand.
fn in_line(line: &Line<'_>, place: Place, found: &mut Vec<usize>) {
    let mut done = 0;
    for (at, c) in line.text.char_indices() {
        let rest = line.text.get(at + c.len_utf8()..).unwrap_or_default();
        let next = rest.chars().next();
        let bound = line.is_bound(at + c.len_utf8());
        let escape = match c {
            '`' => true,
            '\\' => bound || next.is_none_or(|next| next.is_ascii_punctuation()),
            '[' => rest.starts_with('^'),
            ']' => rest.starts_with('('),
            // Before a link it would make a picture of it.
            '!' => bound,
            '<' => {
                next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'))
                    || is_mail(rest)
            }
            '&' => is_entity(rest),
            '|' => place == Place::Cell,
            '*' | '_' | '~' if at >= done => {
                let run =
                    line.text.get(at..).unwrap_or_default().bytes().take_while(|b| *b == c as u8).count();
                done = at + run;
                if is_live(line, at, done, c) {
                    found.extend((at..done).map(|at| line.from + at));
                }
                false
            }
            _ => false,
        };
        if escape {
            found.push(line.from + at);
        }
    }
}

/// Whether a run of one character, from `start` to `end`, could open or close emphasis, or begin a rule or a list.
fn is_live(line: &Line<'_>, start: usize, end: usize, c: char) -> bool {
    let before = class(line.text.get(..start).and_then(|text| text.chars().next_back()));
    let after = class(line.text.get(end..).and_then(|text| text.chars().next()));
    if start == 0 || (start..=end).any(|at| line.is_bound(at)) {
        return true;
    }
    let apart = before == Class::Space && after == Class::Space;
    let in_word = c == '_' && before == Class::Word && after == Class::Word;
    !(apart || in_word)
}

/// Whether what follows a `<` makes a link to a mailbox of it.
fn is_mail(rest: &str) -> bool {
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>')).unwrap_or(rest.len());
    rest.get(..end).is_some_and(|address| address.contains('@'))
        && rest.get(end..).is_some_and(|tail| tail.starts_with('>'))
}

/// Whether what follows an ampersand makes an entity of it.
fn is_entity(rest: &str) -> bool {
    let name = rest.trim_start_matches('#');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    end > 0 && name.get(end..).is_some_and(|tail| tail.starts_with(';'))
}

/// The character at the start of a line that would make something else of it than a paragraph.
fn line_start(line: &str, first: bool) -> Option<usize> {
    let start = line.chars().next()?;
    let rest = line.get(start.len_utf8()..).unwrap_or_default();
    let only = |set: &[char]| line.chars().all(|c| set.contains(&c));
    let space_after = |rest: &str| rest.chars().next().is_none_or(|c| c == ' ' || c == '\t');
    let found = match start {
        '#' => {
            let tail = line.trim_start_matches('#');
            line.len() - tail.len() <= 6 && space_after(tail)
        }
        '>' => true,
        '[' => first,
        '-' => space_after(rest) || only(&['-', ':', '|', ' ']),
        '+' => space_after(rest),
        '=' => only(&['=', ' ']),
        '|' | ':' => only(&['-', ':', '|', ' ']),
        c if c.is_ascii_digit() => return ordered(line),
        _ => false,
    };
    found.then_some(0)
}

/// The mark after the number that would begin an ordered list: `1.` or `1)`.
fn ordered(line: &str) -> Option<usize> {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - rest.len();
    let mut after = rest.chars();
    let mark = after.next().is_some_and(|c| matches!(c, '.' | ')'));
    let space = after.next().is_none_or(|c| c == ' ' || c == '\t');
    (digits <= 9 && mark && space).then_some(digits)
}

/// The last `#` of a heading, where those at its end would be dropped.
fn closing(text: &str) -> Option<usize> {
    let rest = text.trim_end_matches('#');
    let dropped = rest.is_empty() || rest.ends_with(' ');
    (rest.len() < text.len() && dropped).then(|| text.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str, place: Place) -> String {
        let mut out = String::new();
        let places = escapes(text, &[], place);
        for (at, c) in text.char_indices() {
            if places.contains(&at) {
                out.push('\\');
            }
            out.push(c);
        }
        out
    }

    #[test]
    fn plain_words_and_signs_are_left_alone() {
        for text in [
            "Art. 5º, § 2º: R$ 1.234,56 (10 % + 2) = 100; a/b - c; 2 * 3 < 4 & 5 > 1!",
            "snake_case, [sic], #1, e-mail ana_b@x.br, C:\\pasta, AT&T, ~ 5, 10. de maio",
            "-5 graus",
            "1.5 e 2)x",
            "#hashtag",
            "+55 81",
        ] {
            assert_eq!(escaped(text, Place::Block), text);
        }
    }

    #[test]
    fn what_would_be_a_mark_is_escaped() {
        for (text, wanted) in [
            ("*a* _b_ ~c~ `d`", "\\*a\\* \\_b\\_ \\~c\\~ \\`d\\`"),
            ("# a", "\\# a"),
            ("> a", "\\> a"),
            ("- a\n+ b\n* c", "\\- a\n\\+ b\n\\* c"),
            ("12. a\n3) b", "12\\. a\n3\\) b"),
            ("a\n---\n===", "a\n\\---\n\\==="),
            ("a|b\n-|-", "a|b\n\\-|-"),
            ("[a](b) [^1] [x]: y", "\\[a\\](b) \\[^1] [x]: y"),
            ("<81@x.br> < @", "\\<81@x.br> < @"),
            ("<b> a <3 &lt; &x", "\\<b> a <3 \\&lt; &x"),
            ("a\\*b \\", "a\\\\\\*b \\\\"),
            ("2*3*4", "2\\*3\\*4"),
        ] {
            assert_eq!(escaped(text, Place::Block), wanted);
        }
    }

    #[test]
    fn places_have_their_own_marks() {
        assert_eq!(escaped("- a #", Place::Heading), "- a \\#");
        assert_eq!(escaped("##", Place::Heading), "#\\#");
        assert_eq!(escaped("C#", Place::Heading), "C#");
        assert_eq!(escaped("1. a|b", Place::Cell), "1. a\\|b");
    }
}
