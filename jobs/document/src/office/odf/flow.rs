//! How do the elements of OpenDocument become blocks?

use super::super::super::model::{Block, BlockKind};
use super::super::lines::{Line, Look, note as note_of, plain};
use super::super::output::Output;
use super::super::word::docx::joined;
use super::super::word::role::Role;
use super::super::xml::Element;
use super::inline::Inline;
use super::lists::{At, Lists};
use super::package::Package;
use super::styles::name_of;

/// What the reading of an element gives, in order.
#[derive(Debug)]
pub enum Item {
    Block(Block),
    Note(Block),
    EndNote(Block),
    /// A page begins: because the writer wants it so, or where it did when the document was saved.
    Page {
        explicit: bool,
    },
    /// A page began inside of the block before.
    PageWithin,
}

/// Turns elements into items.
pub struct Flow<'f, 'a> {
    pub package: &'f mut Package,
    pub output: &'f mut Output<'a>,
    pub lists: Lists,
    pub items: Vec<Item>,
    /// How deep tables and text boxes stand in each other.
    pub depth: u32,
}

impl<'f, 'a> Flow<'f, 'a> {
    pub fn new(package: &'f mut Package, output: &'f mut Output<'a>) -> Self {
        Self { package, output, lists: Lists::default(), items: Vec::new(), depth: 0 }
    }

    /// The next element of a text.
    pub fn element(&mut self, element: &Element) {
        if self.output.is_done() {
            return;
        }
        match &*element.name {
            "p" | "h" => self.paragraph(element, None),
            "list" => self.list(element, None),
            "table" => self.table(element),
            "soft-page-break" => self.items.push(Item::Page { explicit: false }),
            "section" | "index-body" | "index-title" | "numbered-paragraph" => self.elements(element),
            name if name.ends_with("-index") || matches!(name, "table-of-content" | "bibliography") => {
                self.elements(element);
            }
            _ => self.object(element),
        }
    }

    /// Adds a block; what is gathered here counts as it comes.
    pub fn give(&mut self, block: Block) {
        if self.output.block_is_held(&block) {
            self.items.push(Item::Block(block));
        }
    }

    /// All that stands in `parent`.
    pub fn elements(&mut self, parent: &Element) {
        for element in parent.elements() {
            self.element(element);
        }
    }

    /// The blocks of what stands in `parent`, kept apart; its notes stay.
    pub fn apart(&mut self, parent: &Element) -> Vec<Block> {
        let outer = std::mem::take(&mut self.items);
        self.elements(parent);
        let inner = std::mem::replace(&mut self.items, outer);
        let mut blocks = Vec::new();
        for item in inner {
            match item {
                Item::Block(block) => blocks.push(block),
                Item::Note(_) | Item::EndNote(_) => self.items.push(item),
                Item::Page { .. } | Item::PageWithin => {}
            }
        }
        blocks
    }

    fn paragraph(&mut self, element: &Element, mut item: Option<(&mut At, Option<u32>)>) {
        let style = name_of(element, "style-name");
        let styles = &self.package.styles;
        let inline = Inline::of(element, styles);
        if styles.breaks_page(style) {
            self.items.push(Item::Page { explicit: true });
        } else if inline.broke_before {
            self.items.push(Item::Page { explicit: false });
        }
        if !inline.line.is_blank() {
            let role = self.role(element, style);
            let label = match (&mut item, role) {
                (Some((at, own)), _) => Some(at.next(*own, &self.package.styles)),
                (None, Role::Heading(level))
                    if element.attr("is-list-header") != Some("true") && &*element.name == "h" =>
                {
                    self.lists.heading(usize::from(level.saturating_sub(1)), &self.package.styles)
                }
                _ => None,
            };
            let (kind, said) = match (&label, role) {
                (Some(label), Role::Heading(_)) => (role.kind(), label.shown_number()),
                (Some(label), _) => label.item(),
                (None, role) => (role.kind(), ""),
            };
            let mut line = Line::default();
            if !said.is_empty() {
                line.push(&format!("{} ", said.trim()), &Look::default());
            }
            line.append(&inline.line);
            self.give(line.block(kind));
        }
        for extra in inline.extras {
            self.object(extra);
        }
        self.items.extend((0..inline.broke_within).map(|_| Item::PageWithin));
    }

    fn role(&self, element: &Element, style: Option<&str>) -> Role {
        if &*element.name == "h" {
            let level = element.number("outline-level").unwrap_or(1_u8);
            return Role::Heading(level.max(1));
        }
        match self.package.styles.outline_level(style) {
            Some(level) => Role::Heading(level),
            None => self.package.styles.role(style),
        }
    }

    /// A list, inside of another one's item or not.
    fn list(&mut self, list: &Element, outer: Option<&mut At>) {
        let style = name_of(list, "style-name").map(str::to_owned);
        let style = style.or_else(|| outer.as_ref().map(|it| it.style.clone())).unwrap_or_default();
        let mut at = match &outer {
            Some(outer) => At { style, level: outer.level + 1, counts: outer.counts },
            None => {
                let continues = list.attr("continue-numbering") == Some("true");
                At {
                    counts: self.lists.before(list.attr("continue-list"), continues, &style),
                    level: 0,
                    style,
                }
            }
        };
        for item in list.elements() {
            let own = item.number::<u32>("start-value");
            // Only the first paragraph of an item has the label, those of a heading of the list have none.
            let mut has_label = &*item.name == "list-item";
            for element in item.elements() {
                match &*element.name {
                    "list" => {
                        self.list(element, Some(&mut at));
                        has_label = false;
                    }
                    "p" | "h" => {
                        let label = has_label.then_some((&mut at, own));
                        has_label = false;
                        self.paragraph(element, label);
                    }
                    _ => self.element(element),
                }
            }
        }
        match outer {
            // A deeper list goes on where it was, should the item have another one.
            Some(outer) => outer.counts = at.counts,
            None => self.lists.after(name_of(list, "id"), &at),
        }
    }

    /// A note or an annotation, with its author.
    pub fn note(&mut self, note: &Element) {
        let is_comment = &*note.name == "annotation";
        let body = if is_comment { Some(note) } else { note.child("note-body") };
        let Some(body) = body else { return };
        let text = joined(&self.apart(body));
        if text.is_empty() || !self.output.held_fits(text.len()) {
            return;
        }
        if is_comment {
            let author = note.child("creator").map(Element::text).filter(|it| !it.is_empty());
            let text = author.map_or_else(|| text.clone(), |author| format!("{author}: {text}"));
            self.items.push(Item::Note(plain(BlockKind::Comment, &text)));
            return;
        }
        let label = note.child("note-citation").map(|it| it.text().trim().to_owned());
        let block = note_of(label.filter(|it| !it.is_empty()), &text);
        let is_endnote = note.attr("note-class") == Some("endnote");
        self.items.push(if is_endnote { Item::EndNote(block) } else { Item::Note(block) });
    }
}
