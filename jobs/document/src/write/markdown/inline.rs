//! How is a text with its marks written? The tree from the inside out, each mark in a form that is surely read.
//!
//! `**` and `_` are marks only beside certain characters (CommonMark 0.31, 6.2). Where they would not be read, the tags of
//! HTML stand for them, which GitHub reads as well.

use super::super::super::model::{Mark, Span};
use super::address::mark_addresses;
use super::escape::{Class, class, escapes};
use super::link::{destination, is_plain_address};
use super::spans::{Marked, Node, Place, is_formula};

/// A text as Markdown. Its lines are parted by two spaces and a line break, in a cell by `<br>`.
pub fn inline(text: &str, spans: &[Span], place: Place) -> String {
    let mut marked = Marked::new(text, spans, place);
    let around = bounds(&marked.nodes);
    let mut escaped = escapes(&marked.text, &around, place);
    if mark_addresses(&mut marked, &around, &escaped) {
        escaped = escapes(&marked.text, &bounds(&marked.nodes), place);
    }
    let has_formula = has_formula(&marked.nodes);
    let writer = Inline { text: &marked.text, escaped: &escaped, place, has_formula };
    let around = Around { before: None, after: None, in_link: false };
    writer.part(0, marked.text.len(), &marked.nodes, around)
}

/// Where marks begin and end, in order.
fn bounds(nodes: &[Node]) -> Vec<usize> {
    fn collect(nodes: &[Node], bounds: &mut Vec<usize>) {
        for node in nodes {
            bounds.extend([node.start, node.end]);
            collect(&node.nodes, bounds);
        }
    }
    let mut found = Vec::new();
    collect(nodes, &mut found);
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether one of the marks is a formula.
fn has_formula(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| is_formula(&node.mark) || has_formula(&node.nodes))
}

struct Inline<'a> {
    text: &'a str,
    escaped: &'a [usize],
    place: Place,
    /// Whether dollar signs mean something in this text.
    has_formula: bool,
}

/// What stands before and after a part once it is written.
#[derive(Clone, Copy)]
struct Around {
    before: Option<char>,
    after: Option<char>,
    in_link: bool,
}

impl Inline<'_> {
    /// A part of the text with the marks in it.
    fn part(&self, start: usize, end: usize, nodes: &[Node], around: Around) -> String {
        let mut out = String::new();
        let mut from = start;
        for (index, node) in nodes.iter().enumerate() {
            self.plain(from, node.start, around.in_link, &mut out);
            let before = out.chars().next_back().or(around.before);
            let touching = nodes.get(index + 1).filter(|next| next.start == node.end);
            let after = match touching.map(|next| &next.mark) {
                Some(Mark::Strike) => Some('~'),
                // Some other mark: it is punctuation, and looks for itself at what stands before it.
                Some(_) => Some('['),
                None if node.end == end => around.after,
                None => self.written(node.end),
            };
            out.push_str(&self.node(node, Around { before, after, in_link: around.in_link }));
            from = node.end;
        }
        self.plain(from, end, around.in_link, &mut out);
        out
    }

    /// The first character that is written for the text at a place.
    fn written(&self, at: usize) -> Option<char> {
        if self.is_escaped(at) { Some('\\') } else { self.text.get(at..)?.chars().next() }
    }

    fn is_escaped(&self, at: usize) -> bool {
        self.escaped.binary_search(&at).is_ok()
    }

    /// A part of the text without marks.
    fn plain(&self, start: usize, end: usize, in_link: bool, out: &mut String) {
        for (at, c) in self.text.get(start..end).unwrap_or_default().char_indices() {
            match c {
                '\n' if self.place == Place::Cell => out.push_str("<br>"),
                '\n' => out.push_str("  \n"),
                c => {
                    let is_mark = in_link && matches!(c, '[' | ']') || self.has_formula && c == '$';
                    if is_mark || self.is_escaped(start + at) {
                        out.push('\\');
                    }
                    out.push(c);
                }
            }
        }
    }

    fn node(&self, node: &Node, around: Around) -> String {
        match &node.mark {
            Mark::Strong => self.delimited(node, &["**"], "strong", around),
            Mark::Emphasis => self.delimited(node, &["_", "*"], "em", around),
            Mark::Strike => self.delimited(node, &["~~"], "del", around),
            Mark::Code => self.code(node, around.in_link),
            Mark::Raised => self.between(node, "sup", around),
            Mark::Lowered => self.between(node, "sub", around),
            Mark::Link { url } => self.link(node, url),
            // A bracket in it would end the link, where nobody reads formulas.
            Mark::Formula { latex } if around.in_link && latex.contains(['[', ']']) => {
                let mut out = String::new();
                self.plain(node.start, node.end, true, &mut out);
                out
            }
            Mark::Formula { latex } => format!("${latex}$"),
            Mark::Note { .. } if around.in_link => {
                let mut out = String::new();
                self.plain(node.start, node.end, true, &mut out);
                out
            }
            Mark::Note { label } => format!("[^{label}]"),
        }
    }

    /// A part between two of the first marks that would be read there, else between tags.
    fn delimited(&self, node: &Node, marks: &[&str], tag: &str, around: Around) -> String {
        for mark in marks {
            let own = mark.chars().next();
            if around.before == own || around.after == own {
                continue;
            }
            let inner =
                self.part(node.start, node.end, &node.nodes, Around { before: own, after: own, ..around });
            let (first, last) = (inner.chars().next(), inner.chars().next_back());
            if opens(mark, around.before, first) && opens(mark, around.after, last) {
                return format!("{mark}{inner}{mark}");
            }
        }
        self.between(node, tag, around)
    }

    /// A part between tags of HTML.
    fn between(&self, node: &Node, tag: &str, around: Around) -> String {
        let inside = Around { before: Some('>'), after: Some('<'), ..around };
        format!("<{tag}>{}</{tag}>", self.part(node.start, node.end, &node.nodes, inside))
    }

    fn link(&self, node: &Node, url: &str) -> String {
        let text = self.text.get(node.start..node.end).unwrap_or_default();
        if text == url && is_plain_address(url) {
            return format!("<{url}>");
        }
        let inside = Around { before: Some('['), after: Some(']'), in_link: true };
        let inner = self.part(node.start, node.end, &node.nodes, inside);
        // A note is referred to by `[^`.
        let guard = if inner.starts_with('^') { "\\" } else { "" };
        format!("[{guard}{inner}]({})", destination(url).unwrap_or_default())
    }

    fn code(&self, node: &Node, in_link: bool) -> String {
        let text = self.text.get(node.start..node.end).unwrap_or_default();
        if in_link && text.contains("]:") {
            // The start of a definition, which GitHub looks for before it looks for code.
            let mut out = String::new();
            self.plain(node.start, node.end, in_link, &mut out);
            return out;
        }
        code(text)
    }
}

/// Whether a mark between `outside` and `inside` opens for every reader; read backwards, whether it closes.
fn opens(mark: &str, outside: Option<char>, inside: Option<char>) -> bool {
    let (outside, inside) = (class(outside), class(inside));
    match (outside, inside) {
        (_, Class::Space) => false,
        (Class::Space | Class::Mark, _) => true,
        (Class::Word | Class::Unsure, Class::Word) => mark != "_",
        _ => false,
    }
}

/// A part of the text as code.
fn code(text: &str) -> String {
    let text = text.replace('\n', " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    let edge = |c: Option<char>| matches!(c, Some('`' | ' '));
    let pad = if edge(text.chars().next()) || edge(text.chars().next_back()) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The length of the longest run of backticks.
pub fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, spans: &[(u32, u32, Mark)]) -> String {
        let spans: Vec<Span> = spans
            .iter()
            .map(|(start, end, mark)| Span { start: *start, end: *end, mark: mark.clone() })
            .collect();
        inline(text, &spans, Place::Block)
    }

    fn link(url: &str) -> Mark {
        Mark::Link { url: url.into() }
    }

    #[test]
    fn marks_stand_around_words() {
        assert_eq!(marked("a bc d", &[(1, 5, Mark::Strong)]), "a **bc** d");
        assert_eq!(marked("a bc d", &[(2, 4, Mark::Emphasis)]), "a _bc_ d");
        assert_eq!(marked("abcd", &[(1, 3, Mark::Emphasis)]), "a*bc*d");
        assert_eq!(marked("abcd", &[(1, 3, Mark::Strike)]), "a~~bc~~d");
        assert_eq!(marked("a `b", &[(2, 4, Mark::Code)]), "a `` `b ``");
    }

    #[test]
    fn marks_nest_and_touch() {
        let both = [(0, 4, Mark::Strong), (0, 4, Mark::Emphasis)];
        assert_eq!(marked("abcd", &both), "**_abcd_**");
        assert_eq!(marked("abcd", &[(0, 2, Mark::Strong), (2, 4, Mark::Emphasis)]), "**ab**_cd_");
        assert_eq!(marked("ab", &[(0, 1, Mark::Strong), (1, 2, Mark::Strong)]), "**ab**");
        let inner = [(0, 6, link("https://x.br/")), (2, 4, Mark::Strong)];
        assert_eq!(
            marked("ab] cd", &inner),
            "[ab**\\]** cd](https://x.br/)".replace("**\\]**", "<strong>\\]</strong>")
        );
    }

    #[test]
    fn tags_stand_where_stars_would_not_be_read() {
        assert_eq!(marked("a(b)c", &[(1, 4, Mark::Strong)]), "a<strong>(b)</strong>c");
        assert_eq!(marked("a (b) c", &[(2, 5, Mark::Strong)]), "a **(b)** c");
    }

    #[test]
    fn addresses_stand_for_themselves() {
        assert_eq!(marked("https://x.br/", &[(0, 13, link("https://x.br/"))]), "<https://x.br/>");
        assert_eq!(marked("em http://x.br/_a_ e", &[]), "em <http://x.br/_a>\\_ e");
        assert_eq!(marked("clique", &[(0, 6, link("javascript:alert(1)"))]), "clique");
    }

    #[test]
    fn formulas_stand_between_dollar_signs_and_no_other_sign_is_one() {
        let formula = |start, end, latex: &str| (start, end, Mark::Formula { latex: latex.into() });
        assert_eq!(marked("a x^2 b", &[formula(2, 5, "x^{2}")]), "a $x^{2}$ b");
        assert_eq!(marked("US$5: x_1", &[formula(6, 9, "x_{1}")]), "US\\$5: $x_{1}$");
        assert_eq!(marked("US$5: x", &[formula(6, 7, "x$y")]), "US$5: x");
        assert_eq!(marked("xx", &[formula(0, 1, "x"), formula(1, 2, "x")]), "$x$$x$");
        let strong = [(0, 5, Mark::Strong), formula(0, 5, "x < y")];
        assert_eq!(marked("x < y", &strong), "**$x < y$**");
    }

    #[test]
    fn what_is_raised_or_lowered_stands_between_tags() {
        assert_eq!(marked("4th x", &[(1, 3, Mark::Raised)]), "4<sup>th</sup> x");
        assert_eq!(marked("xmax_", &[(1, 4, Mark::Lowered)]), "x<sub>max</sub>\\_");
    }

    #[test]
    fn a_reference_to_a_note_is_one() {
        let note = |label: &str| Mark::Note { label: label.into() };
        assert_eq!(marked("valor¹.", &[(5, 7, note("1"))]), "valor[^1].");
        assert_eq!(marked("valor¹.", &[(5, 7, note("a]b"))]), "valor¹.");
    }

    #[test]
    fn lines_of_verse_stay_lines() {
        assert_eq!(marked("Minha terra\ntem palmeiras", &[]), "Minha terra  \ntem palmeiras");
        assert_eq!(inline("a\nb", &[], Place::Cell), "a<br>b");
        assert_eq!(inline("a\nb", &[], Place::Heading), "a b");
    }
}
