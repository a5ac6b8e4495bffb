//! How is a book (EPUB) read?

mod chapter;
mod contents;
mod tables;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::super::error::ReadError;
use super::super::model::{BlockKind, Metadata, PageKind};
use super::archive::Archive;
use super::ooxml::{described, instant, resolved};
use super::output::Output;
use super::xml::{Element, Rules, Xml, decoded};
use contents::Contents;

/// A file of the book as its manifest lists it.
struct Listed {
    part: String,
    kind: String,
    properties: String,
}

impl Listed {
    fn is_navigation(&self) -> bool {
        self.properties.split_whitespace().any(|it| it == "nav")
    }
}

/// Reads the book at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let mut archive = Archive::open(path, output.limits)?;
    let container = tree(&mut archive, "META-INF/container.xml", output)?;
    let root_file = container.find("rootfile").and_then(|it| it.attr("full-path")).map(str::to_owned);
    let package_part = root_file.ok_or_else(|| ReadError::malformed("the book names no package"))?;
    let package = tree(&mut archive, &package_part, output)?;
    let folder = package_part.rsplit_once('/').map_or("", |(folder, _)| folder);
    let manifest = manifest(&package, folder);
    let spine = package.child("spine");
    let ids = spine.into_iter().flat_map(Element::elements).filter_map(|it| it.attr("idref"));
    let listed: Vec<&Listed> = ids.filter_map(|id| manifest.get(id)).collect();
    // The navigation document names the chapters; it is one only if there is no other.
    let is_chapter = |it: &&&Listed| listed.len() == 1 || !it.is_navigation();
    let mut chapters: Vec<&Listed> = listed.iter().filter(is_chapter).copied().collect();
    // Each file is named once (EPUB 3.3, 5.7.1); a spine may name one so often that it would be read for hours.
    let mut seen = HashSet::new();
    let named = chapters.len();
    chapters.retain(|it| seen.insert(it.part.as_str()));
    if chapters.len() < named {
        output.warn("repeated_chapter", "the book names a file as a chapter more than once; it is read once");
    }
    if chapters.is_empty() {
        return Err(ReadError::malformed("the book has no chapters"));
    }
    refuse_encrypted(&mut archive, &chapters, output)?;
    let contents = contents(&mut archive, &manifest, output);
    output.expect_pages(chapters.len());
    for listed in &chapters {
        if output.is_done() {
            break;
        }
        let mut blocks = if output.wants_next() { chapter(&mut archive, listed, output) } else { Vec::new() };
        blocks.retain(|it| !it.text.is_empty() || it.kind == BlockKind::Figure);
        blocks.retain(|it| output.block_fits(it));
        let heading = blocks.iter().find(|it| matches!(it.kind, BlockKind::Heading { .. }));
        let name = contents.title(&listed.part).or_else(|| heading.map(|it| it.text.clone()));
        output.page(PageKind::Part, name, blocks)?;
    }
    let mut metadata = package.child("metadata").map(metadata).unwrap_or_default();
    metadata.pages = u32::try_from(chapters.len()).ok();
    Ok(metadata)
}

fn metadata(element: &Element) -> Metadata {
    let mut metadata = described(element);
    // The old form has dates with events, the new one properties.
    let property = |name: &str| {
        let found = element.elements().find(|it| it.attr("property") == Some(name));
        found.and_then(|it| instant(&it.text()))
    };
    let date = element.child("date").and_then(|it| instant(&it.text()));
    metadata.created = metadata.created.or(date);
    metadata.modified = metadata.modified.or_else(|| property("dcterms:modified"));
    let subjects =
        element.elements().filter(|it| &*it.name == "subject").map(|it| it.text().trim().to_owned());
    metadata.keywords.extend(subjects.filter(|it| !it.is_empty()));
    metadata.subject = element.child("description").map(|it| it.text().trim().to_owned());
    metadata
}

fn manifest(package: &Element, folder: &str) -> HashMap<String, Listed> {
    let items = package.child("manifest").into_iter().flat_map(Element::elements);
    let listed = items.filter_map(|item| {
        let listed = Listed {
            part: resolved(folder, &unescaped(item.attr("href")?)),
            kind: item.attr("media-type").unwrap_or_default().to_owned(),
            properties: item.attr("properties").unwrap_or_default().to_owned(),
        };
        Some((item.attr("id")?.to_owned(), listed))
    });
    listed.collect()
}

/// The table of contents: that of the navigation document, or the older one.
fn contents(archive: &mut Archive, manifest: &HashMap<String, Listed>, output: &mut Output<'_>) -> Contents {
    let navigation = manifest.values().find(|it| it.is_navigation());
    let older = manifest.values().find(|it| it.kind == "application/x-dtbncx+xml");
    let mut contents = Contents::default();
    for listed in [navigation, older].into_iter().flatten() {
        if let Ok(root) = tree(archive, &listed.part, output) {
            let folder = listed.part.rsplit_once('/').map_or("", |(folder, _)| folder);
            contents.add(&root, folder);
        }
    }
    contents
}

/// The blocks of a chapter; what cannot be read is told and left out.
fn chapter(
    archive: &mut Archive,
    listed: &Listed,
    output: &mut Output<'_>,
) -> Vec<super::super::model::Block> {
    match tree(archive, &listed.part, output) {
        Ok(root) => chapter::blocks(&root, output),
        Err(error) => {
            output.lose("part_left_out", &error.message);
            Vec::new()
        }
    }
}

/// The tree of a part by the rules of books; one that breaks off is told and kept as far as it goes.
fn tree(archive: &mut Archive, part: &str, output: &mut Output<'_>) -> Result<Element, ReadError> {
    let bytes = archive.part(part)?;
    let bytes = bytes.ok_or_else(|| ReadError::malformed(format!("{part} is not in the book")))?;
    let (root, fault) = Xml::new(&decoded(bytes), Rules::Book, output.limits).tree();
    match fault {
        Some(fault) if root.children.is_empty() => Err(fault.of_part(part)),
        Some(fault) => {
            output.truncate(&format!("{part} {fault}"));
            Ok(root)
        }
        None => Ok(root),
    }
}

/// Refuses a book whose chapters are encrypted; encrypted fonts are common and harm nothing.
fn refuse_encrypted(
    archive: &mut Archive,
    chapters: &[&Listed],
    output: &Output<'_>,
) -> Result<(), ReadError> {
    let Ok(Some(bytes)) = archive.part("META-INF/encryption.xml") else { return Ok(()) };
    let (root, _) = Xml::new(&decoded(bytes), Rules::Book, output.limits).tree();
    let hidden: HashSet<String> = root
        .elements()
        .filter_map(|it| it.find("cipherreference"))
        .filter_map(|it| it.attr("uri"))
        .map(|it| resolved("", &unescaped(it)))
        .collect();
    if chapters.iter().any(|it| hidden.contains(&it.part)) {
        return Err(ReadError::locked("the chapters of the book are encrypted"));
    }
    Ok(())
}

/// An address without its percent signs (RFC 3986, 2.1).
fn unescaped(address: &str) -> String {
    if !address.contains('%') {
        return address.to_owned();
    }
    let bytes = address.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).and_then(|it| std::str::from_utf8(it).ok());
        match pair.and_then(|it| u8::from_str_radix(it, 16).ok()).filter(|_| *byte == b'%') {
            Some(value) => {
                plain.push(value);
                at += 3;
            }
            None => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests;
