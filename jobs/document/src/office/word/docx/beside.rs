//! What stands beside the text of a DOCX: pictures, charts, notes, comments, headers and footers?

use super::super::super::super::error::ReadError;
use super::super::super::super::model::{Block, BlockKind};
use super::super::super::drawing::{chart, diagram};
use super::super::super::lines::{picture, plain};
use super::super::super::xml::{Element, Node};
use super::body::Body;
use super::runs::Extra;
use super::sections::{Furniture, only_numbers_pages};
use super::table::joined;

impl Body<'_, '_, '_> {
    pub(super) fn extra(&mut self, extra: Extra<'_>) -> Result<(), ReadError> {
        match extra {
            Extra::Box(element) => self.elements(element)?,
            Extra::Picture(text) => self.give(picture(&text)),
            Extra::Chart(id) => {
                let root = self.related(id);
                root.map(|root| chart::blocks(&root)).into_iter().flatten().for_each(|it| self.give(it));
            }
            Extra::Diagram(id) => {
                let root = self.related(id);
                root.map(|root| diagram::blocks(&root)).into_iter().flatten().for_each(|it| self.give(it));
            }
            Extra::Footnote(id, label) => {
                // Taken out: a note that refers to itself is not read again.
                if let Some(note) = self.footnotes.remove(id) {
                    let block = self.note(&note, BlockKind::Footnote)?;
                    self.story.note(Block { label, ..block });
                }
            }
            Extra::Endnote(id, label) => {
                if let Some(note) = self.endnotes.remove(id) {
                    let block = self.note(&note, BlockKind::Footnote)?;
                    self.story.end_note(Block { label, ..block });
                }
            }
            Extra::Comment(id) => {
                if let Some(comment) = self.comments.remove(id) {
                    let mut block = self.note(&comment, BlockKind::Comment)?;
                    if let Some(author) = comment.attr("author").filter(|it| !it.is_empty()) {
                        block.text = format!("{author}: {}", block.text);
                    }
                    self.story.note(block);
                }
            }
        }
        Ok(())
    }

    /// The tree of the part that the relation `id` leads to.
    pub(super) fn related(&mut self, id: &str) -> Option<Element> {
        let part = self.relations.get(id).filter(|it| !it.is_external)?.target.clone();
        self.package.tree_once(&part, self.story.out)
    }

    pub(super) fn note(&mut self, note: &Element, kind: BlockKind) -> Result<Block, ReadError> {
        let blocks = self.apart(note)?;
        Ok(plain(kind, &joined(&blocks)))
    }

    /// The header and footer of the section that begins now.
    pub fn furniture(&mut self) -> Result<(), ReadError> {
        for (furniture, part) in self.sections.furniture() {
            let Some(root) = self.package.tree(&part, self.story.out) else { continue };
            let limits = self.story.out.limits;
            let own = self.package.relations(&part, limits);
            let outer = std::mem::replace(&mut self.relations, own);
            let blocks = self.apart(&numberless(root));
            self.relations = outer;
            let text = joined(&blocks?);
            if text.trim().is_empty() || !self.sections.is_new(&text) {
                continue;
            }
            match furniture {
                Furniture::Header => self.story.push(plain(BlockKind::Header, &text)),
                Furniture::Footer => self.story.footer(plain(BlockKind::Footer, &text)),
            }
        }
        Ok(())
    }

    pub(super) fn next_section(&mut self) -> Result<(), ReadError> {
        if self.sections.next() {
            self.story.break_page()?;
        }
        self.furniture()
    }
}

/// A header or footer without the paragraphs that only number the pages.
fn numberless(mut root: Element) -> Element {
    root.children.retain(|child| match child {
        Node::Element(element) => &*element.name != "p" || !only_numbers_pages(element),
        Node::Text(_) => true,
    });
    root
}
