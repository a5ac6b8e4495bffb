//! How do runs of characters become a text with marks?

use std::rc::Rc;

use super::super::formula::{Formula, Written};
use super::super::model::{Block, BlockKind, Mark, Span};

/// An address longer than this is data, not a link.
const LONGEST_LINK: usize = 2_048;
/// Bytes of the addresses of a text; further links in it are left out.
const ALL_LINKS: usize = 1 << 20;

/// Bytes of LaTeX of a text; further formulas in it are characters in a row.
const ALL_LATEX: usize = 4 << 20;

/// How a run looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    pub strong: bool,
    pub emphasis: bool,
    pub strike: bool,
    pub code: bool,
    pub link: Option<Rc<str>>,
    /// The LaTeX of a formula, which the run is the whole of.
    pub formula: Option<Rc<str>>,
}

impl Look {
    /// Its marks, the outermost first; a link that has no more than `longest` bytes.
    fn marks(&self, longest: usize) -> Vec<Mark> {
        let link = self.link.as_ref().filter(|url| url.len() <= longest.min(LONGEST_LINK));
        let link = link.map(|url| Mark::Link { url: url.to_string() });
        let flags = [
            (self.strong, Mark::Strong),
            (self.emphasis, Mark::Emphasis),
            (self.strike, Mark::Strike),
            (self.code, Mark::Code),
        ];
        let formula = self.formula.as_ref().map(|latex| Mark::Formula { latex: latex.to_string() });
        let flags = flags.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark);
        link.into_iter().chain(flags).chain(formula).collect()
    }
}

/// A text that grows run by run.
#[derive(Debug, Clone, Default)]
pub struct Line {
    text: String,
    /// Where each look begins.
    looks: Vec<(usize, Look)>,
    /// Bytes of LaTeX in them.
    latex: usize,
}

impl Line {
    /// Adds `piece`; characters that no text should have are left out.
    pub fn push(&mut self, piece: &str, look: &Look) {
        if piece.is_empty() {
            return;
        }
        let latex = look.formula.as_ref().map_or(0, |it| it.len());
        if latex > ALL_LATEX - self.latex {
            return self.push(piece, &Look { formula: None, ..look.clone() });
        }
        self.latex += latex;
        // Two formulas side by side are two, even if they say the same.
        if look.formula.is_some() || self.looks.last().is_none_or(|(_, last)| last != look) {
            self.looks.push((self.text.len(), look.clone()));
        }
        self.text.extend(piece.chars().filter(|it| is_text(*it)));
    }

    /// Adds a formula.
    pub fn formula(&mut self, formula: &Written, look: &Look) {
        let latex = formula.latex.as_deref().map(Rc::from);
        self.push(&formula.linear, &Look { formula: latex, ..look.clone() });
    }

    /// Adds what another line has.
    pub fn append(&mut self, other: &Line) {
        for (place, (start, look)) in other.looks.iter().enumerate() {
            let end = other.looks.get(place + 1).map_or(other.text.len(), |next| next.0);
            self.push(other.text.get(*start..end).unwrap_or_default(), look);
        }
    }

    /// The characters so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is nothing to read in it.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The block that it makes.
    pub fn block(self, kind: BlockKind) -> Block {
        let verbatim = matches!(kind, BlockKind::Code { .. });
        let heading = matches!(kind, BlockKind::Heading { .. });
        let end = self.text.trim_end().len();
        let start =
            if verbatim { 0 } else { end - self.text.get(..end).unwrap_or_default().trim_start().len() };
        let mut spans = if verbatim { Vec::new() } else { spans(&self.looks, &self.text, start, end) };
        if heading {
            // A heading is strong as a whole: saying so adds nothing.
            spans.retain(|span| span.mark != Mark::Strong || (span.end - span.start) as usize != end - start);
        }
        Block {
            kind,
            text: self.text.get(start..end).unwrap_or_default().to_owned(),
            spans,
            ..Block::default()
        }
    }
}

/// A block of plain text.
pub fn plain(kind: BlockKind, text: &str) -> Block {
    let mut line = Line::default();
    line.push(text, &Look::default());
    line.block(kind)
}

/// A paragraph that is a formula.
pub fn formula(formula: &Formula) -> Block {
    let mut line = Line::default();
    line.formula(&formula.written(), &Look::default());
    line.block(BlockKind::Paragraph)
}

/// The alternative text of a picture, without what programs add to those that they wrote themselves.
pub fn picture(text: &str) -> Block {
    const ADDED: [&str; 5] = [
        "AI-generated content may be incorrect.",
        "Description automatically generated",
        "O conteúdo gerado por IA pode estar incorreto.",
        "Descrição gerada automaticamente",
        "Descrição gerada com confiança",
    ];
    let mut text = text.trim();
    while let Some(rest) = ADDED.iter().find_map(|added| text.strip_suffix(added)) {
        text = rest.trim_end();
    }
    plain(BlockKind::Figure, text)
}

fn is_text(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{ad}' | '\u{fffe}' | '\u{ffff}')
        || matches!(character, '\n' | '\t')
}

/// The marks of `text[start..end]`: each as long as it can be without crossing another.
fn spans(looks: &[(usize, Look)], text: &str, start: usize, end: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut open: Vec<(usize, Mark)> = Vec::new();
    let mut links_left = ALL_LINKS;
    for (place, (from, look)) in looks.iter().enumerate() {
        let to = looks.get(place + 1).map_or(text.len(), |next| next.0).min(end);
        let from = (*from).max(start);
        let piece = text.get(from..to).unwrap_or_default();
        if piece.is_empty() {
            continue;
        }
        let marks = look.marks(links_left);
        // White space between two runs takes no side.
        let kept =
            open.iter().position(|(_, mark)| is_formula(mark) || !marks.contains(mark)).unwrap_or(open.len());
        for (began, mark) in open.drain(kept..).rev() {
            add(&mut spans, text, began, from, mark);
        }
        for mark in marks {
            if !open.iter().any(|(_, it)| *it == mark) {
                if let Mark::Link { url } = &mark {
                    links_left = links_left.saturating_sub(url.len());
                }
                open.push((from, mark));
            }
        }
    }
    for (began, mark) in open.drain(..).rev() {
        add(&mut spans, text, began, end, mark);
    }
    for span in &mut spans {
        span.start -= u32::try_from(start).unwrap_or_default();
        span.end -= u32::try_from(start).unwrap_or_default();
    }
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    spans
}

/// A formula is one run: the next run is another one.
fn is_formula(mark: &Mark) -> bool {
    matches!(mark, Mark::Formula { .. })
}

/// Adds a span without the white space at its ends, which no mark can be seen on.
fn add(spans: &mut Vec<Span>, text: &str, start: usize, end: usize, mark: Mark) {
    let piece = text.get(start..end).unwrap_or_default();
    let start = start + (piece.len() - piece.trim_start().len());
    let end = start + piece.trim().len();
    if let (true, Ok(start), Ok(end)) = (start < end, u32::try_from(start), u32::try_from(end)) {
        spans.push(Span { start, end, mark });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strong() -> Look {
        Look { strong: true, ..Look::default() }
    }

    #[test]
    fn marks_nest_and_do_not_cross() {
        let both = Look { emphasis: true, ..strong() };
        let emphasis = Look { emphasis: true, ..Look::default() };
        let mut line = Line::default();
        line.push(" a ", &Look::default());
        line.push("b", &strong());
        line.push("c", &both);
        line.push("d ", &emphasis);
        let block = line.block(BlockKind::Paragraph);
        assert_eq!(block.text, "a bcd");
        let spans = block.spans.iter().map(|it| (it.start, it.end, &it.mark)).collect::<Vec<_>>();
        assert_eq!(spans, [(2, 4, &Mark::Strong), (3, 4, &Mark::Emphasis), (4, 5, &Mark::Emphasis)]);
    }

    #[test]
    fn addresses_that_are_data_are_no_links_and_no_text_is_full_of_them() {
        let link = |length: usize| Look { link: Some("x".repeat(length).into()), ..Look::default() };
        let mut line = Line::default();
        line.push("a", &link(LONGEST_LINK + 1));
        assert_eq!(line.block(BlockKind::Paragraph).spans, []);
        let mut line = Line::default();
        for _ in 0..10_000 {
            line.push("a", &link(LONGEST_LINK));
            line.push("b", &Look::default());
        }
        assert_eq!(line.block(BlockKind::Paragraph).spans.len(), ALL_LINKS / LONGEST_LINK);
    }

    #[test]
    fn a_heading_that_is_strong_as_a_whole_has_no_mark() {
        let mut line = Line::default();
        line.push("Title", &strong());
        assert_eq!(line.block(BlockKind::Heading { level: 1 }).spans, []);
    }

    #[test]
    fn what_a_program_adds_to_a_picture_s_text_is_left_out() {
        assert_eq!(picture("A duck\n\nAI-generated content may be incorrect.").text, "A duck");
    }

    #[test]
    fn control_characters_are_left_out() {
        assert_eq!(plain(BlockKind::Paragraph, "a\u{1}\u{ad}b\tc").text, "ab\tc");
    }

    #[test]
    fn formulas_beyond_what_a_text_may_have_of_them_are_text() {
        let formula = Written { linear: "x ".to_owned(), latex: Some("x".repeat(60_000)) };
        let mut line = Line::default();
        (0..200).for_each(|_| line.formula(&formula, &Look::default()));
        let mut twice = line.clone();
        twice.append(&line);
        for line in [line, twice] {
            let block = line.block(BlockKind::Paragraph);
            let latex: usize = block.spans.iter().map(|span| span.mark.bytes()).sum();
            assert!((1..=ALL_LATEX).contains(&latex) && block.text.len() >= 399, "{latex}");
        }
    }
}
