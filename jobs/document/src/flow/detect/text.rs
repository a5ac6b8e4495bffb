//! Which kind of text is this, if it is one?

use super::super::super::format::Format;
use super::super::charset::{Decoded, decode};
use super::super::dialect::Dialect;
use super::super::html::declared;

/// How many of the letters of a text may be controls.
const CONTROLS_IN: usize = 200;
/// What a page of the web may begin with, beside the elements that only whole pages have.
const FRAGMENTS: [&str; 26] = [
    "div",
    "p",
    "table",
    "span",
    "a",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "b",
    "i",
    "br",
    "img",
    "font",
    "center",
    "section",
    "article",
    "main",
    "form",
    "pre",
    "blockquote",
    "style",
    "script",
    "iframe",
];
/// Headers by which a message is known.
const HEADERS: [&str; 16] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "received",
    "mime-version",
    "content-type",
    "return-path",
    "delivered-to",
    "reply-to",
    "cc",
    "sender",
    "x-mailer",
    "dkim-signature",
    "content-transfer-encoding",
];

/// Tells the kind of text, or nothing where `head` is not text; `name` decides where the content does not.
pub fn detect(head: &[u8], name: Option<&str>) -> Option<Format> {
    let decoded = decode(head, declared(head).as_deref());
    if !is_text(head, &decoded) {
        return None;
    }
    let text = decoded.text.trim_start();
    let extension = name.and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_ascii_lowercase());
    let extension = extension.as_deref().unwrap_or_default();
    let is_markdown = matches!(extension, "md" | "markdown" | "mdown" | "mkd");
    let is_named_page = matches!(extension, "html" | "htm" | "xhtml") && !text.starts_with("<?xml");
    match marked_up(text, is_markdown) {
        // An element that pages do not begin with, in a file that is called one.
        Some(Format::Xml) if is_named_page => return Some(Format::Html),
        // The other way round; one that declares itself as XML was looked at above.
        Some(Format::Html) if extension == "xml" && !text.starts_with("<?xml") && !is_page(text) => {
            return Some(Format::Xml);
        }
        Some(format) => return Some(format),
        None => {}
    }
    if is_message(&decoded.text) {
        return Some(Format::Eml);
    }
    Some(match extension {
        "md" | "markdown" | "mdown" | "mkd" => Format::Markdown,
        "csv" | "tsv" | "tab" => Format::Csv,
        _ if is_named_page && text.contains('<') => Format::Html,
        _ if Dialect::is_evident(&decoded.text) => Format::Csv,
        "" if is_evident_markdown(text) => Format::Markdown,
        _ => Format::Text,
    })
}

/// Text has no zeros, unless it is in UTF-16 or UTF-32, and hardly any controls.
fn is_text(head: &[u8], decoded: &Decoded<'_>) -> bool {
    let is_wide = decoded.charset.starts_with("UTF-16") || decoded.charset.starts_with("UTF-32");
    if !is_wide && memchr::memchr(0, head).is_some() {
        return false;
    }
    let is_strange = |letter: &char| {
        let is_common = matches!(letter, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}' | '\u{8}');
        (letter.is_control() && !is_common) || *letter == char::REPLACEMENT_CHARACTER
    };
    let strange = decoded.text.chars().filter(is_strange).count();
    strange * CONTROLS_IN <= decoded.text.chars().count().max(CONTROLS_IN)
}

/// What begins with a tag. Markdown may begin with one too: then only a whole page is a page.
fn marked_up(text: &str, is_markdown: bool) -> Option<Format> {
    let is_xml = text.starts_with("<?xml");
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        rest = match rest.get(..4) {
            Some("<!--") => after(rest, "-->"),
            Some(start) if start.starts_with("<?") => after(rest, "?>"),
            _ => break,
        };
    }
    let found = rest.strip_prefix('<').and_then(|tag| by_tag(tag, is_markdown || is_xml));
    if is_xml { Some(found.filter(|_| is_page(rest)).unwrap_or(Format::Xml)) } else { found }
}

/// Whether XML goes on as a page of the web: with its type, or its root.
fn is_page(text: &str) -> bool {
    let mut words =
        text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().filter(|word| !word.eq_ignore_ascii_case("doctype")).or_else(|| words.next());
    first.is_some_and(|word| word.eq_ignore_ascii_case("html"))
}

/// What a tag begins, without its `<`.
fn by_tag(tag: &str, is_markdown: bool) -> Option<Format> {
    if let Some(kind) = tag.strip_prefix('!') {
        let is_type = kind.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("doctype"));
        return is_type.then_some(if is_page(kind) { Format::Html } else { Format::Xml });
    }
    let end = tag.find(|letter: char| !letter.is_ascii_alphanumeric() && !":_-.".contains(letter))?;
    let name = tag.get(..end)?.to_ascii_lowercase();
    match name.as_str() {
        "" => None,
        "html" | "head" | "body" | "meta" | "title" | "base" | "link" => Some(Format::Html),
        _ if is_markdown => None,
        name if FRAGMENTS.contains(&name) => Some(Format::Html),
        _ => is_element(tag, &name).then_some(Format::Xml),
    }
}

fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or("", |(_, after)| after)
}

/// Whether an element begins that XML could begin with: one with attributes or content of its own.
fn is_element(text: &str, name: &str) -> bool {
    let tag = text.split('>').next().unwrap_or_default();
    let closes = tag.ends_with('/')
        || text.len() >= 60_000
        || text.to_ascii_lowercase().contains(&format!("</{name}"));
    closes && (!tag.contains('@') || tag.contains('='))
}

/// Whether the text begins with the headers of a message, or a line that a box of messages begins with.
fn is_message(text: &str) -> bool {
    let mut lines = text.lines().peekable();
    if lines.peek().is_some_and(|line| line.starts_with("From ")) {
        lines.next();
    }
    let (mut known, mut all, mut decisive) = (0, 0, false);
    for line in lines.take(200) {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) && all > 0 {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return false };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        let name = name.to_ascii_lowercase();
        all += 1;
        known += usize::from(HEADERS.contains(&name.as_str()));
        decisive |=
            matches!(name.as_str(), "mime-version" | "message-id" | "received" | "return-path" | "from");
    }
    known >= 2 && (decisive || known * 2 >= all)
}

/// Whether a text without a name is Markdown for sure: headings, and something else that only Markdown has.
fn is_evident_markdown(text: &str) -> bool {
    let is_heading = |line: &&str| {
        let level = line.len() - line.trim_start_matches('#').len();
        (1..=6).contains(&level) && line.get(level..).is_some_and(|rest| rest.starts_with(' '))
    };
    let headings = text.lines().filter(is_heading).count();
    let others = text
        .lines()
        .filter(|line| line.starts_with("```") || line.starts_with("|--") || line.contains("]("))
        .count();
    headings >= 1 && (others >= 1 || headings >= 3) && !text.starts_with("#!")
}
