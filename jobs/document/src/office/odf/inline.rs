//! What do the characters of a paragraph of OpenDocument say?

use std::rc::Rc;

use super::super::lines::{Line, Look};
use super::super::xml::{Element, Node};
use super::styles::Styles;

/// The most spaces that one element stands for here.
const MOST_SPACES: usize = 64;

/// A paragraph's text, and what stands in it beside.
#[derive(Debug, Default)]
pub struct Inline<'t> {
    pub line: Line,
    /// Frames, shapes, notes and annotations.
    pub extras: Vec<&'t Element>,
    /// Whether a page began before its first character, and how many after that.
    pub broke_before: bool,
    pub broke_within: u32,
}

impl<'t> Inline<'t> {
    /// Of a paragraph.
    pub fn of(paragraph: &'t Element, styles: &Styles) -> Self {
        let mut inline = Self::default();
        inline.walk(paragraph, &Look::default(), styles);
        inline
    }

    fn walk(&mut self, parent: &'t Element, look: &Look, styles: &Styles) {
        for child in &parent.children {
            match child {
                Node::Text(text) => self.text(text, look),
                Node::Element(element) => self.element(element, look, styles),
            }
        }
    }

    fn element(&mut self, element: &'t Element, look: &Look, styles: &Styles) {
        match &*element.name {
            "span" => {
                if let Some(look) = styles.look(element.attr("style-name"), look) {
                    self.walk(element, &look, styles);
                }
            }
            "a" => {
                let url =
                    element.attr("href").filter(|it| !it.is_empty() && !it.starts_with("#__RefHeading"));
                let link = url.map(Rc::from).or_else(|| look.link.clone());
                self.walk(element, &Look { link, ..look.clone() }, styles);
            }
            "s" => {
                let count = element.number("c").unwrap_or(1_usize).min(MOST_SPACES);
                self.line.push(&" ".repeat(count), look);
            }
            "tab" => self.line.push("\t", look),
            "line-break" => self.line.push("\n", look),
            "soft-page-break" if self.line.is_blank() => self.broke_before = true,
            "soft-page-break" => self.broke_within += 1,
            "ruby" => {
                if let Some(base) = element.child("ruby-base") {
                    self.walk(base, look, styles);
                }
            }
            "note" => {
                if let Some(label) = element.child("note-citation").map(Element::text) {
                    self.line.note(label.trim(), look);
                }
                self.extras.push(element);
            }
            "frame" | "annotation" | "g" | "custom-shape" | "rect" | "ellipse" | "text-box" | "line"
            | "circle" | "polygon" | "path" | "connector" | "control" => self.extras.push(element),
            // The label as it was shown last; here it is counted anew.
            "number" | "tracked-changes" | "bookmark-ref-start" => {}
            _ => self.walk(element, look, styles),
        }
    }

    /// White space is one space, and none at the beginning (OpenDocument 1.3, 6.1.2).
    fn text(&mut self, text: &str, look: &Look) {
        let mut collapsed = String::with_capacity(text.len());
        let mut after_space = self.line.text().is_empty() || self.line.text().ends_with([' ', '\n']);
        for character in text.chars() {
            let is_space = matches!(character, ' ' | '\t' | '\n' | '\r');
            if !is_space {
                collapsed.push(character);
            } else if !after_space {
                collapsed.push(' ');
            }
            after_space = is_space;
        }
        self.line.push(&collapsed, look);
    }
}
