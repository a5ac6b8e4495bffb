//! Which kind of text is this, if it is one?

use super::super::charset::{Decoded, decode};
use super::super::dialect::Dialect;
use super::super::format::Format;
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
    if let Some(format) = marked_up(text, is_markdown) {
        return Some(format);
    }
    if is_message(&decoded.text) {
        return Some(Format::Eml);
    }
    Some(match extension {
        "md" | "markdown" | "mdown" | "mkd" => Format::Markdown,
        "csv" | "tsv" | "tab" => Format::Csv,
        "html" | "htm" | "xhtml" if text.contains('<') => Format::Html,
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
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if rest.starts_with("<?xml") {
            let after = after(rest, "?>");
            let is_page = !after.trim().is_empty() && marked_up(after, true) == Some(Format::Html);
            return Some(if is_page { Format::Html } else { Format::Xml });
        }
        if rest.starts_with("<!--") {
            rest = after(rest, "-->");
        } else if rest.starts_with("<?") {
            rest = after(rest, "?>");
        } else {
            break;
        }
    }
    let tag = rest.strip_prefix('<')?;
    if let Some(kind) = tag.strip_prefix('!') {
        let mut words = kind.split(|letter: char| !letter.is_ascii_alphanumeric());
        let is_type = words.next().is_some_and(|word| word.eq_ignore_ascii_case("doctype"));
        let is_page =
            words.find(|word| !word.is_empty()).is_some_and(|word| word.eq_ignore_ascii_case("html"));
        return is_type.then_some(if is_page { Format::Html } else { Format::Xml });
    }
    let end = tag.find(|letter: char| !letter.is_ascii_alphanumeric() && !":_-.".contains(letter))?;
    let name = tag.get(..end)?.to_ascii_lowercase();
    match name.as_str() {
        "" => None,
        "html" | "head" | "body" | "meta" | "title" | "base" | "link" => Some(Format::Html),
        _ if is_markdown => None,
        name if FRAGMENTS.contains(&name) => Some(Format::Html),
        _ => is_element(rest, &name).then_some(Format::Xml),
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
