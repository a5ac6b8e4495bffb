//! How is a package of Office Open XML opened, and what leads from part to part?

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::Metadata;
use super::archive::Archive;
use super::compound;
use super::output::Output;
use super::xml::{Element, Rules, Xml, decoded};

/// A package of parts.
pub struct Package {
    archive: Archive,
    /// The parts of charts and diagrams that were read.
    shown: HashSet<String>,
}

/// Where a relation of a part leads.
#[derive(Debug, Clone)]
pub struct Relation {
    /// The last word of its type: `hyperlink`, `image`, `footnotes`.
    pub kind: String,
    /// The name of a part, or an address outside.
    pub target: String,
    /// Whether it leads outside.
    pub is_external: bool,
}

/// The relations of a part by their ids.
pub type Relations = HashMap<String, Relation>;

impl Package {
    /// Opens the package at `path`.
    pub fn open(path: &Path, limits: &DocumentLimits) -> Result<Self, ReadError> {
        compound::refuse_encrypted_package(path)?;
        Ok(Self { archive: Archive::open(path, limits)?, shown: HashSet::new() })
    }

    /// The part that the package is about.
    pub fn main_part(&mut self, fallback: &str, limits: &DocumentLimits) -> String {
        let relations = self.relations("", limits);
        relations
            .values()
            .find(|it| it.kind == "officeDocument" && !it.is_external)
            .map_or_else(|| fallback.to_owned(), |it| it.target.clone())
    }

    /// Where the relations of `part` lead; a part without, or with broken ones, has none.
    pub fn relations(&mut self, part: &str, limits: &DocumentLimits) -> Relations {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let path = if folder.is_empty() {
            format!("_rels/{name}.rels")
        } else {
            format!("{folder}/_rels/{name}.rels")
        };
        let Ok(Some(bytes)) = self.archive.part(&path) else { return Relations::new() };
        let (root, _) = Xml::new(&decoded(bytes), Rules::Strict, limits).tree();
        let relations = root.elements().filter_map(|relation| {
            let is_external = relation.attr("TargetMode") == Some("External");
            let target = relation.attr("Target")?;
            let target = if is_external { target.to_owned() } else { resolved(folder, target) };
            let kind = relation.attr("Type")?.rsplit('/').next()?.to_owned();
            Some((relation.attr("Id")?.to_owned(), Relation { kind, target, is_external }))
        });
        relations.collect()
    }

    /// The characters of a part, if it is there.
    pub fn text(&mut self, part: &str) -> Result<Option<String>, ReadError> {
        Ok(self.archive.part(part)?.map(decoded))
    }

    /// The bytes of a part, if it is there.
    pub fn bytes(&mut self, part: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.archive.part(part)
    }

    /// The tree of a part that the document can do without: what is broken is told and left out.
    pub fn tree(&mut self, part: &str, output: &mut Output<'_>) -> Option<Element> {
        if output.is_late() {
            return None;
        }
        let text = match self.text(part) {
            Ok(text) => text?,
            Err(error) => {
                output.lose("part_left_out", &error.message);
                return None;
            }
        };
        let (root, fault) = Xml::new(&text, Rules::Strict, output.limits).tree();
        if let Some(fault) = fault {
            output.lose("part_cut_short", &format!("{part} {fault}"));
        }
        Some(root)
    }

    /// The tree of a part that is shown in another one, the first time: shown again, it says nothing new.
    pub fn tree_once(&mut self, part: &str, output: &mut Output<'_>) -> Option<Element> {
        if !self.shown.insert(part.to_owned()) {
            return None;
        }
        self.tree(part, output)
    }

    /// What the package says of itself.
    pub fn metadata(&mut self, output: &mut Output<'_>) -> Metadata {
        let relations = self.relations("", output.limits);
        let of_kind = |kind: &str| relations.values().find(|it| it.kind == kind).map(|it| it.target.clone());
        let core = of_kind("core-properties").unwrap_or_else(|| "docProps/core.xml".to_owned());
        let extended = of_kind("extended-properties").unwrap_or_else(|| "docProps/app.xml".to_owned());
        let mut metadata = self.tree(&core, output).map(|root| described(&root)).unwrap_or_default();
        let extended = self.tree(&extended, output).unwrap_or_default();
        metadata.producer = extended.child("Application").map(Element::text).filter(|it| !it.is_empty());
        metadata
    }
}

/// Metadata in the elements of Dublin Core, as packages, OpenDocument and books have them.
pub fn described(root: &Element) -> Metadata {
    let all = |name: &str| -> Vec<String> {
        let found = root.elements().filter(|it| &*it.name == name);
        found.map(|it| it.text().trim().to_owned()).filter(|it| !it.is_empty()).collect()
    };
    let one = |name: &str| all(name).into_iter().next();
    let keywords = all("keywords").into_iter().chain(all("keyword"));
    let keywords =
        keywords.flat_map(|it| it.split([',', ';']).map(|word| word.trim().to_owned()).collect::<Vec<_>>());
    Metadata {
        title: one("title"),
        authors: all("creator"),
        subject: one("subject").or_else(|| one("description")),
        keywords: keywords.filter(|it| !it.is_empty()).collect(),
        created: one("created").and_then(|it| instant(&it)),
        modified: one("modified").and_then(|it| instant(&it)),
        language: one("language"),
        ..Metadata::default()
    }
}

/// A date of ISO 8601 as RFC 3339 asks for it: what is missing is taken as zero, of UTC.
pub fn instant(text: &str) -> Option<String> {
    let text = text.trim();
    let date = text.get(..10).filter(|it| is_shaped(it, "0000-00-00"))?;
    let time = text.get(11..19).filter(|it| is_shaped(it, "00:00:00")).unwrap_or("00:00:00");
    let zone =
        text.get(19..).unwrap_or_default().trim_start_matches(|it: char| it == '.' || it.is_ascii_digit());
    let zone = if is_shaped(zone.get(1..).unwrap_or_default(), "00:00") { zone } else { "Z" };
    Some(format!("{date}T{time}{zone}"))
}

/// Whether `text` has a digit where `shape` has one, and is `shape` elsewhere.
fn is_shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(it, asked)| match asked {
            b'0' => it.is_ascii_digit(),
            _ => it == asked,
        })
}

/// The part that `target` means, seen from `folder`. Steps out of the package stay in it.
pub fn resolved(folder: &str, target: &str) -> String {
    let from_root = target.starts_with('/');
    let mut steps: Vec<&str> = if from_root { Vec::new() } else { folder.split('/').collect() };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.retain(|it| !it.is_empty());
    steps.join("/")
}

/// Whether a property that is there or not there, as `<w:b/>` or `<w:b w:val="0"/>`, is on.
pub fn is_on(property: &Element) -> bool {
    !matches!(property.attr("val"), Some("0" | "false" | "off" | "none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_resolved_inside_of_the_package() {
        assert_eq!(resolved("word", "media/a.png"), "word/media/a.png");
        assert_eq!(resolved("xl/worksheets", "../charts/chart1.xml"), "xl/charts/chart1.xml");
        assert_eq!(resolved("xl", "/xl/a.xml"), "xl/a.xml");
        assert_eq!(resolved("a", "../../../etc/passwd"), "etc/passwd");
    }

    #[test]
    fn instants_are_made_whole() {
        assert_eq!(instant("2021-05-06").as_deref(), Some("2021-05-06T00:00:00Z"));
        assert_eq!(instant("2021-05-06T07:08:09.123456").as_deref(), Some("2021-05-06T07:08:09Z"));
        assert_eq!(instant("2021-05-06T07:08:09-03:00").as_deref(), Some("2021-05-06T07:08:09-03:00"));
        assert_eq!(instant("yesterday"), None);
    }
}
