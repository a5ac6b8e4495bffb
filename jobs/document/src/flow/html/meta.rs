//! What does a page of the web say of itself?

use mail_parser::DateTime;

use super::super::super::model::Metadata;
use super::super::gather::prefix;
use super::dom::Id;
use super::tree::Tree;

/// The longest title that is kept, and the longest of all else.
const MAX_LENGTH: usize = 2000;
/// Names and keywords beyond these are left out.
const MAX_NAMES: usize = 50;

/// Reads the head of a page.
pub fn read(tree: Tree<'_>) -> Metadata {
    let mut metadata = Metadata { pages: Some(1), ..Metadata::default() };
    for id in tree.within(0, |id| tree.name(id) == "body") {
        match tree.name(id) {
            "html" => {
                let language = tree.attribute(id, "lang").or(tree.attribute(id, "xml:lang"));
                metadata.language = language.and_then(tag).or(metadata.language.take());
            }
            "title" if metadata.title.is_none() && tree.is_html(id) => {
                metadata.title = clean(&tree.all_text(id));
            }
            "meta" => note(tree, id, &mut metadata),
            _ => {}
        }
    }
    metadata
}

fn note(tree: Tree<'_>, id: Id, metadata: &mut Metadata) {
    let name = ["name", "property", "http-equiv"].iter().find_map(|key| tree.attribute(id, key));
    let (Some(name), Some(content)) = (name, tree.attribute(id, "content").and_then(clean)) else { return };
    match name.trim().to_ascii_lowercase().as_str() {
        "author" | "dc.creator" | "dcterms.creator" if metadata.authors.len() < MAX_NAMES => {
            metadata.authors.push(content);
        }
        "description" | "dc.description" | "og:description" if metadata.subject.is_none() => {
            metadata.subject = Some(content);
        }
        "og:title" | "dc.title" if metadata.title.is_none() => metadata.title = Some(content),
        "keywords" if metadata.keywords.is_empty() => {
            let words = content.split([',', ';']).filter_map(clean);
            metadata.keywords = words.take(MAX_NAMES).collect();
        }
        "generator" if metadata.producer.is_none() => metadata.producer = Some(content),
        "content-language" if metadata.language.is_none() => metadata.language = tag(&content),
        "article:published_time" | "dcterms.created" | "dc.date" | "date" if metadata.created.is_none() => {
            metadata.created = instant(&content);
        }
        "article:modified_time" | "dcterms.modified" | "last-modified" if metadata.modified.is_none() => {
            metadata.modified = instant(&content);
        }
        _ => {}
    }
}

/// A text on one line; nothing where it is empty.
fn clean(text: &str) -> Option<String> {
    let words: Vec<&str> = prefix(text, MAX_LENGTH).split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A tag of BCP 47, as far as its form goes.
pub fn tag(text: &str) -> Option<String> {
    let text = text.split(',').next().unwrap_or_default().trim().replace('_', "-");
    let is_part =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let language = text.split('-').next().unwrap_or_default();
    let fits =
        (2..=3).contains(&language.len()) && text.split('-').count() <= 5 && text.split('-').all(is_part);
    fits.then_some(text)
}

/// An instant as RFC 3339 writes it; a date alone is none.
fn instant(text: &str) -> Option<String> {
    if text.len() < 19 {
        return None;
    }
    DateTime::parse_rfc3339(text).filter(DateTime::is_valid).map(|instant| instant.to_rfc3339())
}
