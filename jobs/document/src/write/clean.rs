//! What is left of a text when it goes where control characters and odd spaces have no place?

/// One line: every run of white space is one space, control characters are gone.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let before = out.len();
        if !out.is_empty() {
            out.push(' ');
        }
        let start = out.len();
        out.extend(word.chars().filter(|c| !c.is_control()));
        if out.len() == start {
            out.truncate(before);
        }
    }
    out
}

/// The lines of a text, each as [`line`] makes it; empty ones are left out.
pub fn lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(['\n', '\r']).map(line).filter(|line| !line.is_empty())
}

/// A text whose lines and spaces mean something, as those of code do: only control characters are gone.
pub fn verbatim(text: &str) -> String {
    let kept = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut out = String::with_capacity(kept.len());
    for c in kept.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            c if c.is_control() && c.is_whitespace() => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.trim_matches('\n').trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_single_spaces_and_no_controls() {
        assert_eq!(line(" a\u{0}b \t\n\u{7} c\u{a0}\u{2028}d "), "ab c d");
    }

    #[test]
    fn lines_without_words_are_left_out() {
        assert_eq!(lines("a \r\n \u{1}\n\n b").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn code_keeps_its_indents() {
        assert_eq!(verbatim("\n  if x:\r\n\ty\u{8}\u{c}z\n\n"), "  if x:\n\ty z");
    }
}
