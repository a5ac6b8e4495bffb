//! How is a package of OpenDocument opened?

use std::collections::HashSet;
use std::path::Path;

use super::super::super::error::ReadError;
use super::super::super::model::Metadata;
use super::super::archive::Archive;
use super::super::ooxml::described;
use super::super::output::Output;
use super::super::xml::{Element, Rules, Token, Xml, decoded};
use super::styles::Styles;

/// An opened package.
pub struct Package {
    archive: Archive,
    /// The characters of `content.xml`.
    pub content: String,
    /// The styles of both parts.
    pub styles: Styles,
    /// The parts of the objects that were read.
    pub objects: HashSet<String>,
    /// What the document says of itself.
    pub metadata: Metadata,
}

impl Package {
    /// Opens the package at `path`.
    pub fn open(path: &Path, output: &mut Output<'_>) -> Result<Self, ReadError> {
        let mut archive = Archive::open(path, output.limits)?;
        if is_encrypted(&mut archive, output) {
            return Err(ReadError::locked("the document is encrypted"));
        }
        let content = archive.part("content.xml")?.map(decoded);
        let content = content.ok_or_else(|| ReadError::malformed("the package has no content in it"))?;
        let mut styles = Styles::default();
        if let Some(root) = tree(&mut archive, "styles.xml", output) {
            styles.add(&root);
        }
        styles.add(&automatic_styles(&content, output));
        let meta = tree(&mut archive, "meta.xml", output).unwrap_or_default();
        let metadata = meta.child("meta").map(metadata).unwrap_or_default();
        Ok(Self { archive, content, styles, objects: HashSet::new(), metadata })
    }

    /// The tree of a part that the document can do without.
    pub fn tree(&mut self, part: &str, output: &mut Output<'_>) -> Option<Element> {
        if output.is_late() {
            return None;
        }
        tree(&mut self.archive, part, output)
    }
}

/// The tree of a part; what is broken is told and left out.
fn tree(archive: &mut Archive, part: &str, output: &mut Output<'_>) -> Option<Element> {
    let bytes = match archive.part(part) {
        Ok(bytes) => bytes?,
        Err(error) => {
            output.lose("part_left_out", &error.message);
            return None;
        }
    };
    let (root, fault) = Xml::new(&decoded(bytes), Rules::Strict, output.limits).tree();
    if let Some(fault) = fault {
        output.lose("part_cut_short", &format!("{part} {fault}"));
    }
    Some(root)
}

/// Whether the manifest tells how parts were encrypted. It may name a DTD, so it is read by the rules of books.
fn is_encrypted(archive: &mut Archive, output: &Output<'_>) -> bool {
    let Ok(Some(bytes)) = archive.part("META-INF/manifest.xml") else { return false };
    let (root, _) = Xml::new(&decoded(bytes), Rules::Book, output.limits).tree();
    root.find("encryption-data").is_some() || root.find("encrypteddata").is_some()
}

/// The styles that the content has of its own.
fn automatic_styles(content: &str, output: &Output<'_>) -> Element {
    let mut xml = Xml::new(content, Rules::Strict, output.limits);
    let mut root = Element::default();
    while let Ok(token) = xml.token() {
        match token {
            Token::Start(start) if &*start.name == "automatic-styles" => {
                let element = xml.element(start);
                root.children.push(super::super::xml::Node::Element(element));
                break;
            }
            Token::Start(start) if &*start.name == "body" => break,
            Token::Done => break,
            _ => {}
        }
    }
    root
}

fn metadata(meta: &Element) -> Metadata {
    use super::super::ooxml::instant;
    let one = |name: &str| meta.child(name).map(|it| it.text().trim().to_owned()).filter(|it| !it.is_empty());
    let initial = one("initial-creator");
    let mut metadata = described(meta);
    metadata.authors = initial.or_else(|| one("creator")).into_iter().collect();
    metadata.created = one("creation-date").and_then(|it| instant(&it));
    metadata.modified = one("date").and_then(|it| instant(&it));
    metadata.producer = one("generator");
    metadata
}
