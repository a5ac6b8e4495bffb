//! Which addresses in a text need to be links of their own?
//!
//! GitHub makes a link of any address by itself, before it looks for marks, and takes a backslash in it for a part of it
//! (cmark-gfm, autolinks). So an address of which a character is to be escaped is written as a link.

use super::super::super::model::Mark;
use super::spans::{Marked, Node};

/// How addresses begin.
const BEGINNINGS: [&str; 4] = ["http://", "https://", "ftp://", "www."];

/// Marks the addresses as links in which a character is escaped or a mark begins or ends; says whether there are any. `bounds` are the places where
/// marks begin or end: an address does not go beyond.
pub fn mark_addresses(marked: &mut Marked, bounds: &[usize], escaped: &[usize]) -> bool {
    let mut any = false;
    let mut from = 0;
    // The run of characters that addresses may stand in: where it ends, with and without the signs after it. Many addresses
    // may share one, of which each would look for its end anew.
    let mut run = (0, 0);
    while let Some((at, beginning)) = next_beginning(&marked.text, from, bounds) {
        let rest = marked.text.get(at..).unwrap_or_default();
        if at >= run.0 {
            let end = rest.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(rest.len());
            run = (at + end, at + trimmed(rest.get(..end).unwrap_or_default()).len());
        }
        let end = run.0 - at;
        // As far as GitHub would read.
        let whole = run.1.saturating_sub(at);
        let bound = bounds.get(bounds.partition_point(|bound| *bound <= at)).map_or(end, |bound| bound - at);
        let word = rest.get(..end.min(bound)).unwrap_or_default();
        let address = trimmed(word);
        let next = escaped.get(escaped.partition_point(|place| *place < at));
        // The sign that ends the word may be escaped as well.
        let is_touched = bound < whole || next.is_some_and(|place| *place <= at + word.len());
        if address.len() > beginning.len() && is_touched {
            let scheme = if beginning == "www." { "http://" } else { "" };
            let mark = Mark::Link { url: format!("{scheme}{address}") };
            let node = Node { start: at, end: at + address.len(), mark, nodes: Vec::new() };
            any |= insert(&mut marked.nodes, node);
        }
        from = at + word.len().max(1);
    }
    any
}

/// An address without the signs after it, which GitHub leaves out as well.
fn trimmed(word: &str) -> &str {
    word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', '"', '*', '_', '~'])
}

/// Where the next address begins, and how.
fn next_beginning(text: &str, from: usize, bounds: &[usize]) -> Option<(usize, &'static str)> {
    text.get(from..)?.char_indices().filter(|(_, c)| matches!(c, 'h' | 'H' | 'f' | 'F' | 'w' | 'W')).find_map(
        |(at, _)| {
            let at = from + at;
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let begins = |beginning: &str| {
                text.get(at..at + beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
            };
            let beginning = BEGINNINGS.into_iter().find(|beginning| begins(beginning))?;
            let apart = before.is_none_or(|c| c.is_whitespace() || matches!(c, '*' | '_' | '~' | '('));
            let follows = match beginning {
                "www." => apart,
                _ => before.is_none_or(|c| !c.is_ascii_alphabetic()),
            };
            (follows || bounds.binary_search(&at).is_ok()).then_some((at, beginning))
        },
    )
}

/// Adds a link that crosses no mark to the tree, unless it lies in a link or in code.
fn insert(nodes: &mut Vec<Node>, link: Node) -> bool {
    let next = nodes.partition_point(|node| node.end <= link.start);
    match nodes.get_mut(next).filter(|node| node.start < link.end) {
        Some(node)
            if matches!(
                node.mark,
                Mark::Link { .. } | Mark::Code | Mark::Formula { .. } | Mark::Note { .. }
            ) =>
        {
            false
        }
        Some(node) => insert(&mut node.nodes, link),
        None => {
            nodes.insert(next, link);
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::model::Span;
    use super::super::inline::inline;
    use super::super::spans::Place;
    use super::*;

    #[test]
    fn only_addresses_that_would_need_escapes_are_links() {
        for (text, wanted) in [
            ("veja http://a.br/_x_, ou", "veja <http://a.br/_x>\\_, ou"),
            ("https://a.br/b_c", "https://a.br/b_c"),
            ("xhttp://a_", "xhttp://a\\_"),
            ("9HTTP://a.br/~b|c", "9[HTTP://a.br/\\~b|c](HTTP://a.br/%7Eb%7Cc)"),
            ("www.a.br/_b", "[www.a.br/\\_b](http://www.a.br/_b)"),
            ("http://a.br<b>", "<http://a.br>\\<b>"),
            ("http://", "http://"),
        ] {
            assert_eq!(inline(text, &[], Place::Block), wanted);
        }
    }

    #[test]
    fn addresses_that_stand_close_together_are_links_each() {
        let (mut text, mut spans) = (String::new(), Vec::new());
        for place in 0..40_000_u32 {
            let mark = if place % 2 == 0 { Mark::Strong } else { Mark::Emphasis };
            spans.push(Span { start: place * 8, end: place * 8 + 8, mark });
            text.push_str("http://a");
        }
        let written = inline(&text, &spans, Place::Block);
        assert!(written.starts_with("**<http://a>**"));
        // The last one has no mark behind it.
        assert_eq!(written.matches("<http://a>").count(), 39_999);
    }

    #[test]
    fn addresses_inside_of_marks_are_links_as_well() {
        let strong = Span { start: 0, end: 13, mark: Mark::Strong };
        assert_eq!(
            inline("ver www.a.br/_ e", &[strong], Place::Block),
            "**ver [www.a.br/](http://www.a.br/)**\\_ e"
        );
        let strong = Span { start: 4, end: 12, mark: Mark::Strong };
        assert_eq!(inline("ver www.a.br. E", &[strong], Place::Block), "ver **www.a.br**. E");
        let strong = Span { start: 0, end: 15, mark: Mark::Strong };
        assert_eq!(
            inline("ver www.a.br/_b e", &[strong], Place::Block),
            "**ver [www.a.br/\\_b](http://www.a.br/_b)** e"
        );
    }
}
