//! Where may a link of the Markdown lead, and how is its address written?

use super::super::super::model::Mark;
use super::spans::{Marked, Node};

/// Schemes of links that are written; a link that would run something is text.
const SCHEMES: [&str; 5] = ["http", "https", "mailto", "tel", "ftp"];

/// The address as it stands in the brackets of a link; none for one that must not be followed.
pub fn destination(url: &str) -> Option<String> {
    let url = url.trim();
    if url.is_empty() || !may_be_followed(url) {
        return None;
    }
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '(' | ')' | '<' | '>' | '[' | ']' | '\\' | '`' | '|' | '"' | '*' | '~' => {
                out.push_str(&format!("%{:02X}", c as u32));
            }
            '&' => out.push_str("&amp;"),
            c if c.is_control() || c.is_whitespace() => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
            }
            c => out.push(c),
        }
    }
    Some(out)
}

/// Whether an address has a known scheme, or none: a place in the document or beside it.
fn may_be_followed(url: &str) -> bool {
    let end =
        url.find([':', '/', '?', '#']).filter(|end| url.get(*end..).is_some_and(|t| t.starts_with(':')));
    end.is_none_or(|end| {
        url.get(..end).is_some_and(|scheme| SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)))
    })
}

/// Whether a text is an address that can stand between angle brackets, where nothing is escaped but entities are read.
pub fn is_plain_address(text: &str) -> bool {
    let scheme = ["http://", "https://"].iter().find(|scheme| text.starts_with(**scheme));
    scheme.is_some_and(|scheme| text.len() > scheme.len())
        && !(text.contains('&') && text.contains(';'))
        && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'|' | b'\\' | b'`'))
}

/// Makes links of addresses in the text of which a character is to be escaped, and says whether there are any: GitHub
/// makes a link of any address, and takes the backslash for a part of it.
pub fn mark_addresses(marked: &mut Marked, escaped: &[usize]) -> bool {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = marked.text.get(from..).and_then(|rest| rest.find("http")).map(|at| from + at) {
        let rest = marked.text.get(at..).unwrap_or_default();
        let end = rest.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        let address = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', '"', '*', '_', '~']);
        let begins = marked.text.get(..at).and_then(|text| text.chars().next_back());
        if is_plain_address(address)
            && escaped
                .get(escaped.partition_point(|place| *place < at))
                .is_some_and(|place| *place < at + address.len())
            && !begins.is_some_and(char::is_alphanumeric)
        {
            found.push((at, at + address.len()));
        }
        from = at + end.max("http".len());
    }
    insert(&mut marked.nodes, &marked.text, &found)
}

/// Adds the found links where no mark is near; both lists are in order.
fn insert(nodes: &mut Vec<Node>, text: &str, found: &[(usize, usize)]) -> bool {
    let free = found.iter().filter(|(start, end)| {
        let next = nodes.partition_point(|node| node.end < *start);
        nodes.get(next).is_none_or(|node| node.start > *end)
    });
    let links: Vec<Node> = free
        .map(|(start, end)| {
            let url = text.get(*start..*end).unwrap_or_default().to_owned();
            Node { start: *start, end: *end, mark: Mark::Link { url }, nodes: Vec::new() }
        })
        .collect();
    let any = !links.is_empty();
    if any {
        nodes.extend(links);
        nodes.sort_by_key(|node| node.start);
    }
    any
}

#[cfg(test)]
mod tests {
    use super::super::escape::escapes;
    use super::super::spans::Place;
    use super::*;

    #[test]
    fn only_harmless_addresses_are_followed() {
        for url in [
            "javascript:alert(1)",
            "JavaScript:x",
            "data:text/html,x",
            "file:///etc/passwd",
            "vbscript:x",
            "",
            " ",
        ] {
            assert_eq!(destination(url), None, "{url}");
        }
        for (url, wanted) in [
            ("https://a.br/x_(y)?a=1&copy=2", "https://a.br/x_%28y%29?a=1&amp;copy=2"),
            ("mailto:ana@x.br", "mailto:ana@x.br"),
            ("#parte-2", "#parte-2"),
            ("cap 2.html", "cap%202.html"),
            ("a/b:c", "a/b:c"),
        ] {
            assert_eq!(destination(url).as_deref(), Some(wanted));
        }
    }

    #[test]
    fn addresses_that_would_need_escapes_are_links() {
        let text = "veja http://a.br/_x_, https://a.br/b_c e xhttp://a_b_";
        let mut marked = Marked::new(text, &[], Place::Block);
        let escaped: Vec<usize> = escapes(text, &[], Place::Block);
        assert!(mark_addresses(&mut marked, &escaped));
        let links: Vec<&str> = marked.nodes.iter().map(|node| &marked.text[node.start..node.end]).collect();
        assert_eq!(links, ["http://a.br/_x"]);
    }
}
