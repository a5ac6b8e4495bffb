//! What if a page of the web is written in XML? Then `<a id="x"/>` is an element that has ended, and to HTML it has not.

use std::borrow::Cow;

use super::super::gather::prefix;
use super::parse::VOID;

/// How far into a page its namespace is looked for.
const LOOKED_AT: usize = 4096;
/// The page with an end for each element that has none in HTML.
pub fn as_html(text: &str) -> Cow<'_, str> {
    let head = prefix(text, LOOKED_AT);
    let is_xml = head.trim_start().starts_with("<?xml") || head.contains("http://www.w3.org/1999/xhtml");
    if !is_xml || !text.contains("/>") {
        return Cow::Borrowed(text);
    }
    let mut html = String::with_capacity(text.len() + text.len() / 16);
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        html.push_str(before);
        let length = if tag.starts_with("<!--") { comment(tag) } else { length_of(tag) };
        let (tag, after) = tag.split_at(length);
        push(tag, &mut html);
        rest = after;
    }
    html.push_str(rest);
    Cow::Owned(html)
}

fn push(tag: &str, html: &mut String) {
    let ended = tag.strip_suffix("/>").and_then(|ended| {
        let name = ended.get(1..)?.split(|letter: char| letter.is_whitespace() || letter == '/').next()?;
        let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic());
        (is_name && !VOID.iter().any(|void| name.eq_ignore_ascii_case(void))).then_some((ended, name))
    });
    match ended {
        Some((ended, name)) => {
            for piece in [ended, "></", name, ">"] {
                html.push_str(piece);
            }
        }
        None => html.push_str(tag),
    }
}

fn comment(text: &str) -> usize {
    text.find("-->").map_or(text.len(), |end| end + 3)
}

/// How long a tag is: to the first `>` that is not within quotes, or, where a quote does not end, the `<` alone.
fn length_of(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            // A tag in a text of XML holds no `<`, not even in quotes.
            (_, b'<') if at > 0 => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::as_html;

    #[test]
    fn elements_of_xml_end_where_they_say() {
        let page =
            "<?xml version='1.0'?><html><title/><script src='a>b' /><a id=\"x\"/>t<br/><!-- <a/> --></html>";
        let html = "<?xml version='1.0'?><html><title></title><script src='a>b' ></script><a id=\"x\"></a>t<br/>\
                    <!-- <a/> --></html>";
        assert_eq!(as_html(page), html);
    }

    #[test]
    fn html_stays_as_it_is() {
        assert_eq!(as_html("<p><a/>x"), "<p><a/>x");
    }

    #[test]
    fn broken_tags_end_soon() {
        as_html(&format!("<?xml?>{}", "<a '/>".repeat(200_000)));
        as_html(&format!("<?xml?>{}", "<".repeat(1_000_000)));
        as_html(&format!("<?xml?></>{}", "<a ".repeat(500_000)));
    }
}
