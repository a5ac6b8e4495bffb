//! Which marks lie on which part of a text? A tree, made of spans that nobody has to trust.

use super::super::super::formula::is_contained;
use super::super::super::model::{Mark, Span};
use super::link::destination;

/// Bytes of the name of a note.
const LONGEST_LABEL: usize = 100;

/// Where a text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A block whose lines begin lines of the file.
    Block,
    /// A heading: one line.
    Heading,
    /// A cell of a table.
    Cell,
}

/// A text fit to be written, with its marks. Lines are trimmed and never empty.
#[derive(Debug, Default)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// The outermost marks, in order and apart from each other.
    pub nodes: Vec<Node>,
}

/// A mark on a part of the text that begins and ends with a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// First byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
    /// What it is.
    pub mark: Mark,
    /// Marks inside.
    pub nodes: Vec<Node>,
}

impl Marked {
    /// Of a text as the model has it; lines become one where the place has no room for more.
    pub fn new(text: &str, spans: &[Span], place: Place) -> Self {
        let mut bounds: Vec<usize> =
            spans.iter().flat_map(|span| [span.start as usize, span.end as usize]).collect();
        bounds.sort_unstable();
        bounds.dedup();
        let (clean, places) = cleaned(text, &bounds, place);
        let at = |bound: u32| {
            let index = bounds.binary_search(&(bound as usize)).ok()?;
            places.get(index).copied()
        };
        let mut parts: Vec<(usize, usize, &Mark)> = spans
            .iter()
            .filter(|span| is_written(&span.mark))
            .filter_map(|span| shrunk(&clean, at(span.start)?, at(span.end)?, &span.mark))
            .collect();
        // Stable: of two marks on the same part the first one is outside, but what is verbatim is always inside.
        parts.sort_by_key(|(start, end, mark)| (*start, usize::MAX - *end, is_verbatim(mark)));
        let nodes = tree(&parts);
        Self { text: clean, nodes }
    }
}

/// Whether a mark is written at all: a link that must not be followed is text, and so is a formula that would not end where it ends.
fn is_written(mark: &Mark) -> bool {
    match mark {
        Mark::Link { url } => destination(url).is_some(),
        Mark::Formula { latex } => is_contained(latex),
        Mark::Note { label } => is_label(label),
        _ => true,
    }
}

/// Whether a note can have such a name (GitHub): no more than letters, digits and what joins them.
pub fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LONGEST_LABEL
        && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// The text with single spaces and without control characters, and where in it the bounds of the given one are.
fn cleaned(text: &str, bounds: &[usize], place: Place) -> (String, Vec<usize>) {
    let mut out = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(bounds.len());
    // What parts the next word from the one before it.
    let mut gap = None;
    for (at, c) in text.char_indices() {
        while bounds.get(places.len()).is_some_and(|bound| *bound <= at) {
            places.push(out.len());
        }
        if c.is_whitespace() {
            let is_break = matches!(c, '\n' | '\r') && place != Place::Heading;
            gap = Some(if is_break || gap == Some('\n') { '\n' } else { ' ' });
        } else if !c.is_control() {
            if let Some(gap) = gap.take().filter(|_| !out.is_empty()) {
                // A mark that begins here begins after the gap: it is shrunk to words.
                out.push(gap);
            }
            out.push(c);
        }
    }
    places.resize(bounds.len(), out.len());
    (out, places)
}

/// A part without the spaces at its ends; none if nothing is left.
fn shrunk<'a>(text: &str, start: usize, end: usize, mark: &'a Mark) -> Option<(usize, usize, &'a Mark)> {
    let part = text.get(start..end)?;
    let from = start + part.len() - part.trim_start().len();
    let to = end - (part.len() - part.trim_end().len());
    (from < to).then_some((from, to, mark))
}

/// The tree of parts in the order of their starts; what crosses an outer part is cut at its end.
fn tree(parts: &[(usize, usize, &Mark)]) -> Vec<Node> {
    let mut root = Vec::new();
    let mut open: Vec<Node> = Vec::new();
    for (start, end, mark) in parts {
        while open.last().is_some_and(|node| node.end <= *start) {
            close(&mut open, &mut root);
        }
        let end = open.last().map_or(*end, |outer| outer.end.min(*end));
        if !may_lie_in(mark, &open) {
            continue;
        }
        open.push(Node { start: *start, end, mark: (*mark).clone(), nodes: Vec::new() });
    }
    while !open.is_empty() {
        close(&mut open, &mut root);
    }
    root
}

fn close(open: &mut Vec<Node>, root: &mut Vec<Node>) {
    let Some(node) = open.pop() else { return };
    let nodes = open.last_mut().map_or(root, |outer| &mut outer.nodes);
    match nodes.last_mut() {
        // Two bold words without a space between them are one: their marks could not be told apart.
        Some(last) if last.end == node.start && last.mark == node.mark && !is_formula(&node.mark) => {
            last.end = node.end;
            last.nodes.extend(node.nodes);
        }
        _ => nodes.push(node),
    }
}

/// Whether nothing in it is marked: code, a formula.
fn is_verbatim(mark: &Mark) -> bool {
    *mark == Mark::Code || is_formula(mark) || matches!(mark, Mark::Note { .. })
}

/// Whether it is a formula: two of them are never one.
pub fn is_formula(mark: &Mark) -> bool {
    matches!(mark, Mark::Formula { .. })
}

/// Code holds no marks, nor does a formula, a link no link, and a mark not itself; so the tree is as deep as there are kinds of marks.
fn may_lie_in(mark: &Mark, open: &[Node]) -> bool {
    let is_link = |mark: &Mark| matches!(mark, Mark::Link { .. });
    open.iter().all(|outer| {
        !is_verbatim(&outer.mark) && outer.mark != *mark && !(is_link(mark) && is_link(&outer.mark))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u32, end: u32, mark: Mark) -> Span {
        Span { start, end, mark }
    }

    fn shape(nodes: &[Node], text: &str) -> Vec<String> {
        nodes
            .iter()
            .map(|node| {
                format!("{:?}({}){:?}", node.mark, &text[node.start..node.end], shape(&node.nodes, text))
            })
            .collect()
    }

    #[test]
    fn marks_are_shrunk_to_words_and_moved_with_the_text() {
        let marked = Marked::new(
            "a  b \n\u{7}c d",
            &[span(1, 5, Mark::Strong), span(6, 8, Mark::Emphasis)],
            Place::Block,
        );
        assert_eq!(marked.text, "a b\nc d");
        assert_eq!(shape(&marked.nodes, &marked.text), ["Strong(b)[]", "Emphasis(c)[]"]);
    }

    #[test]
    fn crossing_marks_are_cut_and_doubled_ones_dropped() {
        let spans = [
            span(0, 3, Mark::Strong),
            span(2, 5, Mark::Emphasis),
            span(0, 2, Mark::Strong),
            span(3, 5, Mark::Strong),
            span(90, 99, Mark::Code),
        ];
        let marked = Marked::new("abcdef", &spans, Place::Block);
        assert_eq!(shape(&marked.nodes, &marked.text), [r#"Strong(abcde)["Emphasis(c)[]"]"#]);
    }

    #[test]
    fn bounds_inside_a_character_do_no_harm() {
        let marked = Marked::new("éé", &[span(1, 3, Mark::Strong)], Place::Heading);
        assert_eq!(marked.text, "éé");
    }
}
