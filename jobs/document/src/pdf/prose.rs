//! How do lines become one text? Words with spaces, lines joined, hyphens at their ends mended, and what is set apart marked.

use std::collections::HashSet;

use super::line::{LEADER, Line, is_dots};
use super::script::is_unspaced;
use super::word::Word;
use crate::model::{Mark, Span};
use crate::script::Script;

/// A text in the making.
#[derive(Debug, Default)]
pub struct Prose {
    text: String,
    runs: Vec<Run>,
}

/// How a stretch of the text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    bold: bool,
    italic: bool,
    mono: bool,
    link: Option<u16>,
    script: Option<Script>,
}

#[derive(Debug)]
struct Run {
    start: usize,
    end: usize,
    look: Look,
}

/// The words of a page that have a hyphen within a line: those keep theirs at the end of one too.
#[derive(Debug, Default)]
pub struct Compounds(HashSet<String>);

impl Compounds {
    /// Notes the compounds of some lines.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        let mut known = HashSet::new();
        for line in lines {
            let count = line.words.len();
            for (at, word) in line.words.iter().enumerate() {
                let text = word.text.trim_matches(|code: char| !code.is_alphanumeric() && code != '-');
                let is_within = !text.starts_with('-') && !text.ends_with('-');
                // The last word of a line may be cut itself.
                if at + 1 < count && is_within && text.contains('-') && text.len() < 60 {
                    known.insert(text.to_lowercase());
                }
            }
        }
        Self(known)
    }

    fn has(&self, left: &str, right: &str) -> bool {
        let right = right.trim_end_matches(|code: char| !code.is_alphanumeric());
        let left = left.trim_start_matches(|code: char| !code.is_alphanumeric());
        !self.0.is_empty() && self.0.contains(&format!("{left}{right}").to_lowercase())
    }
}

/// How two lines are joined.
#[derive(Debug, PartialEq, Eq)]
enum Joint {
    Space,
    Nothing,
    /// The hyphen goes.
    Mended,
}

impl Prose {
    /// Adds a line after a joint.
    pub fn line(&mut self, line: &Line, compounds: &Compounds) {
        let words = line.in_order();
        if let (Some((first, _)), false) = (words.first(), self.text.is_empty()) {
            match self.joint(first, compounds) {
                Joint::Space => self.text.push(' '),
                Joint::Nothing => {}
                Joint::Mended => self.unhyphen(),
            }
        }
        let mut rest = words.as_slice();
        while let Some(((word, is_apart), after)) = rest.split_first() {
            let dots = rest.iter().take_while(|(word, _)| is_dots(&word.text));
            let (count, signs) =
                dots.fold((0, 0), |(count, signs), (word, _)| (count + 1, signs + word.text.len()));
            if signs >= LEADER {
                self.leader();
                rest = rest.get(count..).unwrap_or_default();
                continue;
            }
            if *is_apart && !self.text.ends_with(' ') {
                self.text.push(' ');
            }
            self.word(word);
            rest = after;
        }
    }

    /// Dots that lead the eye, as many as tell it.
    fn leader(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        self.text.push_str("..... ");
    }

    fn word(&mut self, word: &Word) {
        let start = self.text.len();
        // Within a line, a soft hyphen is not seen.
        let (last, rest) = (word.text.ends_with('\u{AD}'), word.text.trim_end_matches('\u{AD}'));
        let shown = rest.chars().filter(|&code| code != '\u{AD}');
        let mut script = None;
        match word.script {
            None => self.text.extend(shown),
            Some(beside) => {
                let plain: String = shown.collect();
                let (written, has_letters) = beside.written(&plain, self.text.chars().next_back());
                self.text.push_str(&written);
                script = has_letters.then_some(beside);
            }
        }
        if last {
            self.text.push('\u{AD}');
        }
        let style = word.style;
        let look = Look { bold: style.bold, italic: style.italic, mono: style.mono, link: word.link, script };
        match self.runs.last_mut() {
            Some(run) if run.look == look => run.end = self.text.len(),
            _ => self.runs.push(Run { start, end: self.text.len(), look }),
        }
    }

    /// How the text so far goes on with a line that starts with `next`.
    fn joint(&self, next: &Word, compounds: &Compounds) -> Joint {
        let mut end = self.text.chars().rev();
        let (Some(last), before) = (end.next(), end.next()) else { return Joint::Nothing };
        let Some(first) = next.text.chars().next() else { return Joint::Space };
        let left = self.text.rsplit(' ').next().unwrap_or_default();
        if is_unspaced(last) && is_unspaced(first) {
            return Joint::Nothing;
        }
        let is_link = next.link.is_some() && self.runs.last().is_some_and(|run| run.look.link == next.link);
        let is_address = left.contains("://") || left.starts_with("www.");
        let is_cut = matches!(last, '/' | '_' | '=' | '&' | '?' | '#' | '%' | '-')
            || (last == '.' && first.is_lowercase());
        if is_address && (is_link || is_cut) {
            return Joint::Nothing;
        }
        if !matches!(last, '-' | '\u{2010}' | '\u{AD}') {
            return Joint::Space;
        }
        match before {
            Some(before) if before.is_alphabetic() && first.is_lowercase() => {
                if last != '\u{AD}' && compounds.has(left, &next.text) {
                    Joint::Nothing
                } else {
                    Joint::Mended
                }
            }
            // Coca-Cola, 1998-2004.
            Some(before) if before.is_alphanumeric() && first.is_alphanumeric() => Joint::Nothing,
            _ => Joint::Space,
        }
    }

    fn unhyphen(&mut self) {
        self.text.pop();
        let end = self.text.len();
        for run in self.runs.iter_mut().rev().take_while(|run| run.end > end) {
            run.end = end;
        }
    }

    /// The text, and its marks where they set a part of it apart; `plain` is what all of it is set in anyway.
    pub fn finish(self, links: &[String], plain: Plain) -> (String, Vec<Span>) {
        let Self { mut text, mut runs } = self;
        // What follows the last dots may be on another line, or nowhere.
        text.truncate(text.trim_end_matches(' ').len());
        if text.ends_with('\u{AD}') {
            text.pop();
            text.push('-');
            runs.iter_mut().for_each(|run| run.end = run.end.min(text.len()));
        }
        let mut spans: Vec<Span> = Vec::new();
        for run in runs.iter().filter(|run| run.end > run.start) {
            let (Ok(start), Ok(end)) = (u32::try_from(run.start), u32::try_from(run.end)) else { break };
            let url = run.look.link.and_then(|link| links.get(usize::from(link)));
            let marks = [
                url.map(|url| Mark::Link { url: url.clone() }),
                (run.look.bold && !plain.bold).then_some(Mark::Strong),
                (run.look.italic && !plain.italic).then_some(Mark::Emphasis),
                (run.look.mono && !plain.mono).then_some(Mark::Code),
                run.look.script.map(Script::mark),
            ];
            let marks = marks.into_iter().flatten();
            spans.extend(marks.filter_map(|mark| without_brackets(&text, Span { start, end, mark })));
        }
        (text, spans)
    }
}

/// Code and links without the brackets and the signs around them, which belong to the sentence: a word has one look. No
/// code begins within an address: then the sign before the address was taken for all of its first half.
fn without_brackets(text: &str, span: Span) -> Option<Span> {
    if !matches!(span.mark, Mark::Code | Mark::Link { .. }) {
        return Some(span);
    }
    let (start, end) = (span.start as usize, span.end as usize);
    let token = text.get(..start)?.rsplit(char::is_whitespace).next().unwrap_or_default();
    if span.mark == Mark::Code && token.contains("://") {
        return None;
    }
    let all = text.get(start..end)?;
    let (mut lead, mut shown) = (0, all);
    // More signs than that are no sentence's.
    for _ in 0..6 {
        let inner = shown.trim_end_matches([',', ';', '.', ':']);
        let inner = PAIRS.iter().fold(inner, |inner, pair| without_pair(inner, *pair));
        if inner.len() == shown.len() {
            break;
        }
        // It is a part of what was shown.
        lead += inner.as_ptr().addr() - shown.as_ptr().addr();
        shown = inner;
    }
    let start = start + lead;
    let (start, end) = (u32::try_from(start).ok()?, u32::try_from(start + shown.len()).ok()?);
    (start < end).then_some(Span { start, end, mark: span.mark })
}

/// Signs that open and close.
const PAIRS: [(char, char); 4] = [('(', ')'), ('[', ']'), ('\u{201C}', '\u{201D}'), ('\u{AB}', '\u{BB}')];

/// The text without a sign at its beginning or end whose other one is not in it, or without both around all of it.
fn without_pair(text: &str, (open, close): (char, char)) -> &str {
    let (opened, closed) = (text.matches(open).count(), text.matches(close).count());
    if let Some(rest) = text.strip_prefix(open).filter(|_| opened > closed) {
        return rest;
    }
    if let Some(rest) = text.strip_suffix(close).filter(|_| closed > opened) {
        return rest;
    }
    let Some(inner) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) else { return text };
    let mut depth = 0_i64;
    let is_whole = inner.chars().all(|code| {
        depth += i64::from(code == open) - i64::from(code == close);
        depth >= 0
    });
    if is_whole { inner } else { text }
}

/// What the whole of a text is set in, so that it marks nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plain {
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// A font for code.
    pub mono: bool,
}

/// The text of some lines, without marks.
pub fn plain(lines: &[Line], compounds: &Compounds) -> String {
    let mut prose = Prose::default();
    for line in lines {
        prose.line(line, compounds);
    }
    prose.finish(&[], Plain { bold: true, italic: true, mono: true }).0
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::word;
    use super::*;

    fn joined(lines: &[&[&str]]) -> String {
        let lines: Vec<Line> = lines
            .iter()
            .map(|words| {
                let mut x = 0.0;
                let placed = words.iter().map(|text| {
                    let placed = word(text, x, 0.0);
                    x = placed.bounds.x1 + 3.0;
                    placed
                });
                Line::of(placed.collect()).unwrap()
            })
            .collect();
        plain(&lines, &Compounds::of(&lines))
    }

    #[test]
    fn a_word_that_is_cut_at_the_end_of_a_line_is_mended() {
        assert_eq!(joined(&[&["uma", "demons-"], &["tração"]]), "uma demonstração");
        assert_eq!(joined(&[&["soft\u{AD}"], &["ware"]]), "software");
    }

    #[test]
    fn dots_that_lead_the_eye_are_few() {
        assert_eq!(joined(&[&["1.1", "Rede", ".", ".", ".", ".", ".", ".", ".", "2"]]), "1.1 Rede ..... 2");
        assert_eq!(joined(&[&["fim", "."]]), "fim .");
    }

    #[test]
    fn hyphens_that_belong_to_a_word_stay() {
        assert_eq!(joined(&[&["Coca-"], &["Cola"]]), "Coca-Cola");
        assert_eq!(
            joined(&[&["self-locking", "nuts,", "self-"], &["locking", "ones"]]),
            "self-locking nuts, self-locking ones"
        );
        assert_eq!(joined(&[&["isto", "-"], &["aquilo"]]), "isto - aquilo");
    }

    #[test]
    fn a_raised_number_is_no_part_of_the_one_that_it_follows() {
        let raised = |text: &str, x0: f32, base: f32| {
            let mut word = super::super::line::tests::sized(text, x0, base, 6.0);
            word.spaced = false;
            word
        };
        let words = vec![
            word("83,556", 0.0, 20.0),
            raised("2", 30.0, 16.5),
            word("CO", 40.0, 20.0),
            raised("2", 50.0, 21.5),
            word("4", 60.0, 20.0),
            raised("th", 65.0, 16.5),
        ];
        let mut prose = Prose::default();
        prose.line(&Line::of(words).unwrap(), &Compounds::default());
        let (text, spans) = prose.finish(&[], Plain::default());
        assert_eq!(text, "83,556² CO₂ 4th");
        assert_eq!(spans, [Span { start: 16, end: 18, mark: Mark::Raised }]);
    }

    #[test]
    fn bold_words_are_marked_together() {
        let mut words = vec![word("um", 0.0, 0.0), word("dois", 13.0, 0.0), word("três", 36.0, 0.0)];
        words.iter_mut().skip(1).for_each(|word| word.style.bold = true);
        let mut prose = Prose::default();
        prose.line(&Line::of(words).unwrap(), &Compounds::default());
        let (text, spans) = prose.finish(&[], Plain::default());
        assert_eq!(text, "um dois três");
        assert_eq!(spans, [Span { start: 3, end: 13, mark: Mark::Strong }]);
    }

    #[test]
    fn the_brackets_around_code_are_of_the_sentence() {
        fn code(text: &str, start: usize, end: usize) -> Option<&str> {
            let span = Span { start: start as u32, end: end as u32, mark: Mark::Code };
            without_brackets(text, span).map(|span| &text[span.start as usize..span.end as usize])
        }
        for (text, shown) in [
            ("(ls)", Some("ls")),
            ("ls),", Some("ls")),
            ("f(x)", Some("f(x)")),
            ("(f(x))", Some("f(x)")),
            ("f(x).", Some("f(x)")),
            ("(a) b (c)", Some("(a) b (c)")),
            ("\u{AB}cp\u{BB}:", Some("cp")),
            ("...", None),
        ] {
            assert_eq!(code(text, 0, text.len()), shown, "{text}");
        }
        let address = "(https://x.org/a.html)";
        assert_eq!(code(address, 16, address.len()), None);
    }
}
