//! How do the elements of a DOCX become blocks?

use std::collections::HashMap;

use super::super::super::super::error::ReadError;
use super::super::super::super::model::{Block, BlockKind};
use super::super::super::lines::{self, Line, Look};
use super::super::super::ooxml::{Package, Relations, is_on};
use super::super::super::story::Story;
use super::super::super::xml::Element;
use super::super::role::Role;
use super::fields::Fields;
use super::numbering::Numbering;
use super::runs::{Content, NoteCount, Runs};
use super::sections::Sections;
use super::styles::{NumberAt, ParagraphStyle, Styles};

/// Notes and comments by their ids.
pub type Notes = HashMap<String, Element>;

/// What a body is read with.
pub struct Body<'b, 'o, 'a> {
    pub package: &'b mut Package,
    pub story: Story<'o, 'a>,
    pub styles: Styles,
    pub numbering: Numbering,
    pub relations: Relations,
    pub footnotes: Notes,
    pub endnotes: Notes,
    pub comments: Notes,
    pub sections: Sections,
    pub fields: Fields,
    pub note_count: NoteCount,
    /// The blocks of cells, notes and headers that are being read, the innermost last.
    pub inner: Vec<Vec<Block>>,
}

impl Body<'_, '_, '_> {
    /// The next element of a body, a cell, a text box or a note.
    pub fn element(&mut self, element: &Element) -> Result<(), ReadError> {
        if self.story.is_done() {
            return Ok(());
        }
        match &*element.name {
            "p" => self.paragraph(element),
            "tbl" => self.table(element),
            "sdt" => element.child("sdtContent").map_or(Ok(()), |it| self.elements(it)),
            "ins" | "moveTo" | "customXml" | "smartTag" => self.elements(element),
            "oMathPara" | "oMath" => {
                self.give(lines::formula(&super::formula::read(element)));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// All that stands in `parent`.
    pub fn elements(&mut self, parent: &Element) -> Result<(), ReadError> {
        parent.elements().try_for_each(|element| self.element(element))
    }

    /// The blocks of what stands in `parent`, kept apart from the page.
    pub fn apart(&mut self, parent: &Element) -> Result<Vec<Block>, ReadError> {
        self.inner.push(Vec::new());
        let read = self.elements(parent);
        let blocks = self.inner.pop().unwrap_or_default();
        read.map(|()| blocks)
    }

    /// Adds a block to the page, or to the cell that is being read.
    pub fn give(&mut self, block: Block) {
        let says_nothing = block.text.is_empty() && block.kind != BlockKind::Figure;
        match self.inner.last_mut() {
            _ if says_nothing => {}
            Some(blocks) => {
                if self.story.out.block_is_held(&block) {
                    blocks.push(block);
                }
            }
            None => self.story.push(block),
        }
    }

    fn paragraph(&mut self, element: &Element) -> Result<(), ReadError> {
        let properties = element.child("pPr");
        let style_id = properties.and_then(|it| it.child("pStyle")).and_then(|it| it.attr("val"));
        let style = self.styles.paragraph(style_id);
        let content = self.content(element);
        let on_page = self.inner.is_empty();
        if on_page {
            let own = properties.and_then(|it| it.child("pageBreakBefore")).map(is_on);
            if own.unwrap_or(style.breaks_page) {
                self.story.break_page()?;
            } else if content.rendered_before {
                self.story.break_rendered()?;
            }
        }
        let mut label = Some((properties, style_id));
        for (place, line) in content.lines.into_iter().enumerate() {
            if place > 0 && on_page {
                self.story.break_page()?;
            }
            if !line.is_blank() {
                // Only the first line of a paragraph that goes on after a break has the number.
                let label = label.take();
                let block = self.block(line, &style, label);
                self.give(block);
            }
        }
        for extra in content.extras {
            self.extra(extra)?;
        }
        for _ in 0..content.rendered_within {
            self.story.break_after_block();
        }
        if on_page {
            self.story.settle_breaks()?;
            if properties.is_some_and(|it| it.child("sectPr").is_some()) {
                self.next_section()?;
            }
        }
        Ok(())
    }

    fn content<'t>(&mut self, element: &'t Element) -> Content<'t> {
        let mut runs = Runs {
            styles: &self.styles,
            relations: &self.relations,
            fields: &mut self.fields,
            note_count: &mut self.note_count,
            content: Content::default(),
        };
        runs.walk(element, None);
        runs.content
    }

    /// The block of a paragraph. `place` has its properties and the id of its style where it may have a number.
    fn block(
        &mut self,
        line: Line,
        style: &ParagraphStyle,
        place: Option<(Option<&Element>, Option<&str>)>,
    ) -> Block {
        let properties = place.and_then(|(properties, _)| properties);
        let outline = properties.and_then(|it| it.child("outlineLvl")).and_then(|it| it.number::<u8>("val"));
        let role = match (outline.or(style.outline), style.role) {
            (Some(level), Role::Body | Role::Heading(_)) if level < 9 => Role::Heading(level + 1),
            (_, role) => role,
        };
        let own = properties.and_then(|it| it.child("numPr")).map(NumberAt::of).unwrap_or_default();
        let list = own.list.as_deref().or(style.list.as_deref()).filter(|it| *it != "0");
        let level = own.level.or(style.level);
        let label = match (place, list) {
            (Some((_, style_id)), Some(list)) => self.numbering.next(list, level, style_id),
            _ => None,
        };
        let Some(label) = label else { return line.block(role.kind()) };
        let (kind, said) = match role {
            Role::Heading(_) => (role.kind(), label.shown_number()),
            _ => label.item(),
        };
        let mut numbered = Line::default();
        if !said.is_empty() {
            numbered.push(said, &Look::default());
            numbered.push(" ", &Look::default());
        }
        numbered.append(&line);
        numbered.block(kind)
    }
}
