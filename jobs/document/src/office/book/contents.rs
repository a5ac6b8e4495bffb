//! What are the chapters of a book called?

use std::collections::HashMap;

use super::super::ooxml::resolved;
use super::super::xml::Element;
use super::unescaped;

/// The titles of chapters by their parts.
#[derive(Debug, Default)]
pub struct Contents {
    titles: HashMap<String, String>,
}

impl Contents {
    /// Adds those of a navigation document or of an NCX. The first title of a part is that of the part as a whole.
    pub fn add(&mut self, root: &Element, folder: &str) {
        for element in root.elements() {
            let (address, title) = match &*element.name {
                "navpoint" => {
                    let title = element.at(&["navlabel", "text"]).map(Element::text);
                    (element.child("content").and_then(|it| it.attr("src")), title)
                }
                "a" => (element.attr("href"), Some(element.text())),
                // Other lists of the document (landmarks, pages) name no chapters.
                "nav" if element.attr("type").is_some_and(|it| it != "toc") => continue,
                _ => (None, None),
            };
            if let (Some(address), Some(title)) = (address, title) {
                let part = address.split('#').next().unwrap_or_default();
                let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
                if !title.is_empty() {
                    self.titles.entry(resolved(folder, &unescaped(part))).or_insert(title);
                }
            }
            self.add(element, folder);
        }
    }

    /// The title of `part`.
    pub fn title(&self, part: &str) -> Option<String> {
        self.titles.get(part).cloned()
    }
}
