//! How do pieces of text with marks become the text of one block?

use super::super::model::{Mark, Span};

/// An address longer than this is data, not a link.
const MAX_URL: usize = 2048;

/// What a mark costs beside its address or its formula.
pub const SPAN_COST: usize = 16;

/// How white space is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// Runs of it are one blank, and none stands at the ends of lines.
    Collapse,
    /// It stays.
    Keep,
}

/// A text that is being put together.
#[derive(Debug, Default)]
pub struct Inline {
    text: String,
    spans: Vec<Span>,
    /// What the marks cost.
    marks: usize,
    /// A blank that is written as soon as something follows it.
    blank: bool,
    /// Marks that are open, with the place of their span; none where an equal one is open already.
    open: Vec<(Mark, Option<usize>)>,
}

impl Inline {
    /// Appends `text`.
    pub fn push(&mut self, text: &str, space: Space) {
        match space {
            Space::Keep => self.push_verbatim(text),
            Space::Collapse => self.push_collapsed(text),
        }
    }

    /// Begins a new line.
    pub fn line_break(&mut self) {
        self.blank = false;
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// Keeps what follows apart from what is there.
    pub fn blank(&mut self) {
        self.blank |= !self.text.is_empty() && !self.text.ends_with('\n');
    }

    /// Opens a mark; `close` must follow, after those of the marks opened in it.
    pub fn open(&mut self, mark: Mark) {
        let fits = !matches!(&mark, Mark::Link { url } if url.is_empty() || url.len() > MAX_URL);
        let known = self.open.iter().any(|(other, place)| {
            place.is_some() && std::mem::discriminant(other) == std::mem::discriminant(&mark)
        });
        let place = (fits && !known).then(|| self.begin(mark.clone()));
        let remembered = if place.is_some() { mark } else { Mark::Strong };
        self.open.push((remembered, place));
    }

    /// Closes the mark that was opened last.
    pub fn close(&mut self) {
        let end = self.end();
        if let Some((_, Some(place))) = self.open.pop()
            && let Some(span) = self.spans.get_mut(place)
        {
            span.end = end;
        }
    }

    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What the text costs so far, with its marks.
    pub fn cost(&self) -> usize {
        self.text.len() + self.marks
    }

    /// Takes the text with its marks; those that are open go on in the next one.
    pub fn take(&mut self) -> (String, Vec<Span>) {
        let length = self.text.trim_end().len();
        let lead = self.text.len() - self.text.trim_start().len();
        let (text, spans) = self.take_exactly(length);
        if lead == 0 || text.is_empty() {
            return (text, spans);
        }
        let shift = u32::try_from(lead).unwrap_or(u32::MAX);
        let spans = spans.into_iter().map(|mut span| {
            span.start = span.start.saturating_sub(shift);
            span.end = span.end.saturating_sub(shift);
            span
        });
        (text.trim_start().to_owned(), spans.filter(|span| span.start < span.end).collect())
    }

    /// Takes the text with the blanks at its beginning: that of code.
    pub fn take_code(&mut self) -> (String, Vec<Span>) {
        let length = self.text.trim_end().len();
        let (text, spans) = self.take_exactly(length);
        let lines = text.len() - text.trim_start_matches('\n').len();
        if lines == 0 {
            return (text, spans);
        }
        // Marks in code that begins with blank lines are not worth moving.
        (text.trim_start_matches('\n').to_owned(), Vec::new())
    }

    fn take_exactly(&mut self, length: usize) -> (String, Vec<Span>) {
        let mut text = std::mem::take(&mut self.text);
        text.truncate(length);
        let end = u32::try_from(length).unwrap_or(u32::MAX);
        let mut spans = std::mem::take(&mut self.spans);
        self.marks = 0;
        spans.retain_mut(|span| {
            span.end = span.end.min(end);
            span.start < span.end
        });
        self.blank = false;
        for index in 0..self.open.len() {
            let Some((mark, Some(_))) = self.open.get(index).cloned() else { continue };
            let place = self.begin(mark);
            if let Some(open) = self.open.get_mut(index) {
                open.1 = Some(place);
            }
        }
        (text, spans)
    }

    fn begin(&mut self, mark: Mark) -> usize {
        self.marks += mark.bytes() + SPAN_COST;
        self.spans.push(Span { start: self.end(), end: u32::MAX, mark });
        self.spans.len() - 1
    }

    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// Marks that were opened after the last letter begin behind the blank that stands before them.
    fn write_blank(&mut self) {
        if !std::mem::take(&mut self.blank) {
            return;
        }
        let end = self.end();
        self.text.push(' ');
        let behind = self.end();
        for span in self.spans.iter_mut().rev().take_while(|span| span.start == end) {
            span.start = behind;
        }
    }

    fn push_collapsed(&mut self, text: &str) {
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let word = rest.find(|letter| is_blank(letter) || is_invisible(letter)).unwrap_or(rest.len());
            if word > 0 {
                self.write_blank();
                self.text.push_str(rest.get(..word).unwrap_or_default());
                rest = rest.get(word..).unwrap_or_default();
                continue;
            }
            if !is_invisible(letter) {
                self.blank();
            }
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
    }

    fn push_verbatim(&mut self, text: &str) {
        if !text.is_empty() {
            self.write_blank();
        }
        self.text.extend(
            text.chars()
                .filter(|&letter| !is_invisible(letter))
                .map(|letter| if letter == '\u{a0}' { ' ' } else { letter }),
        );
    }
}

/// The white space of HTML, and the blank that does not break.
fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\u{c}' | '\u{a0}' | '\u{2028}' | '\u{2029}')
}

/// What only says where a line may break.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{34f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(inline: (String, Vec<Span>)) -> (String, Vec<(u32, u32)>) {
        (inline.0, inline.1.iter().map(|span| (span.start, span.end)).collect())
    }

    #[test]
    fn white_space_collapses_and_marks_hug_their_words() {
        let mut inline = Inline::default();
        inline.push("  one\n  ", Space::Collapse);
        inline.open(Mark::Strong);
        inline.push(" two ", Space::Collapse);
        inline.close();
        inline.push(" three ", Space::Collapse);
        assert_eq!(spans(inline.take()), ("one two three".into(), vec![(4, 7)]));
    }

    #[test]
    fn a_mark_that_is_open_goes_on_in_the_next_block() {
        let mut inline = Inline::default();
        inline.open(Mark::Emphasis);
        inline.push("one", Space::Collapse);
        assert_eq!(spans(inline.take()), ("one".into(), vec![(0, 3)]));
        inline.push("two", Space::Collapse);
        inline.close();
        inline.push(" three", Space::Collapse);
        assert_eq!(spans(inline.take()), ("two three".into(), vec![(0, 3)]));
    }

    #[test]
    fn equal_marks_within_each_other_are_one() {
        let mut inline = Inline::default();
        inline.open(Mark::Strong);
        inline.open(Mark::Strong);
        inline.push("x", Space::Collapse);
        inline.close();
        inline.push("y", Space::Collapse);
        inline.close();
        assert_eq!(spans(inline.take()), ("xy".into(), vec![(0, 2)]));
    }

    #[test]
    fn soft_hyphens_are_dropped_and_blanks_that_do_not_break_are_blanks() {
        let mut inline = Inline::default();
        inline.push("manu\u{ad}tenção\u{a0}\u{a0}10\u{a0}000", Space::Collapse);
        assert_eq!(inline.take().0, "manutenção 10 000");
    }

    #[test]
    fn lines_break_without_blanks_around_them() {
        let mut inline = Inline::default();
        inline.push("one ", Space::Collapse);
        inline.line_break();
        inline.push(" two", Space::Collapse);
        assert_eq!(inline.take().0, "one\ntwo");
    }
}
