//! How is a DOCX read?

mod beside;
mod body;
mod drawn;
pub mod fields;
mod formula;
mod numbering;
mod runs;
mod sections;
mod styles;
mod table;

pub use formula::read as read_formula;
pub use numbering::Numbering as Lists;
pub use table::joined;

use std::path::Path;

use super::super::super::error::ReadError;
use super::super::super::model::Metadata;
use super::super::ooxml::{Package, Relations};
use super::super::output::Output;
use super::super::story::Story;
use super::super::xml::{Rules, Token, Xml, XmlFault};
use body::{Body, Notes};
use fields::Fields;
use numbering::Numbering;
use runs::NoteCount;
use sections::Sections;
use styles::Styles;

/// Reads the document at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let limits = output.limits;
    let mut package = Package::open(path, limits)?;
    let part = package.main_part("word/document.xml", limits);
    let text =
        package.text(&part)?.ok_or_else(|| ReadError::malformed("the package has no document in it"))?;
    let mut metadata = package.metadata(output);
    let relations = package.relations(&part, limits);
    let tree = |kind: &str, package: &mut Package, output: &mut Output<'_>| {
        let part = relations.values().find(|it| it.kind == kind && !it.is_external)?;
        package.tree(&part.target, output)
    };
    let styles = tree("styles", &mut package, output).map(|it| Styles::of(&it)).unwrap_or_default();
    let numbering = tree("numbering", &mut package, output).map(|it| Numbering::of(&it)).unwrap_or_default();
    let mut notes = |kind: &str| tree(kind, &mut package, output).map(notes).unwrap_or_default();
    let (footnotes, endnotes, comments) = (notes("footnotes"), notes("endnotes"), notes("comments"));
    metadata.language = metadata.language.or_else(|| styles.language.clone());
    let sections = Sections::of(&text, &relations, limits);
    let mut body = Body {
        package: &mut package,
        story: Story::new(output),
        styles,
        numbering,
        relations: Relations::clone(&relations),
        footnotes,
        endnotes,
        comments,
        sections,
        fields: Fields::default(),
        note_count: NoteCount::default(),
        inner: Vec::new(),
    };
    let fault = walk(&text, &mut body)?;
    let Body { story, .. } = body;
    if let Some(fault) = fault {
        let refusal = fault.of_part(&part);
        if story.is_blank() {
            return Err(refusal);
        }
        story.out.truncate(&refusal.message);
    }
    metadata.pages = Some(story.finish()?);
    Ok(metadata)
}

/// Reads the body element by element, so that no more than one of them is held; the fault that ended it early.
fn walk(text: &str, body: &mut Body<'_, '_, '_>) -> Result<Option<XmlFault>, ReadError> {
    let mut xml = Xml::new(text, Rules::Strict, body.story.out.limits);
    body.furniture()?;
    loop {
        match xml.token() {
            Ok(Token::Start(start)) if matches!(&*start.name, "document" | "body") => {}
            Ok(Token::Start(start)) => {
                let element = xml.element(start);
                body.element(&element)?;
            }
            Ok(Token::Done) => return Ok(None),
            Ok(_) => {}
            Err(fault) => return Ok(Some(fault)),
        }
        if body.story.is_done() {
            return Ok(None);
        }
    }
}

/// The notes of a part by their ids.
fn notes(root: super::super::xml::Element) -> Notes {
    let notes = root.children.into_iter().filter_map(|child| match child {
        super::super::xml::Node::Element(note) => Some((note.attr("id")?.to_owned(), note)),
        super::super::xml::Node::Text(_) => None,
    });
    notes.collect()
}

#[cfg(test)]
mod tests;
