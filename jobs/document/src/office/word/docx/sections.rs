//! Where do the sections of a DOCX begin, and what stands above and below their pages?

use std::collections::HashSet;

use super::super::super::super::limits::DocumentLimits;
use super::super::super::ooxml::Relations;
use super::super::super::xml::{Element, Rules, Token, Xml};
use super::fields::is_page_number;

/// Sections that are told apart; a document of more goes on as one.
const MOST_SECTIONS: usize = 10_000;

/// What stands on each page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Furniture {
    Header,
    Footer,
}

#[derive(Debug, Default)]
struct Section {
    furniture: Vec<(Furniture, String)>,
    breaks_page: bool,
}

/// The sections, in order.
#[derive(Debug, Default)]
pub struct Sections {
    all: Vec<Section>,
    at: usize,
    told: HashSet<String>,
}

impl Sections {
    /// Of the main part; a section is told at its end, so all are looked for before the first is read.
    pub fn of(text: &str, relations: &Relations, limits: &DocumentLimits) -> Self {
        let mut xml = Xml::new(text, Rules::Strict, limits);
        let mut sections = Self::default();
        while let Ok(token) = xml.token() {
            match token {
                // A section that was changed keeps its old properties beside the new ones.
                Token::Start(start) if &*start.name == "sectPrChange" => xml.skip(),
                Token::Start(start) if &*start.name == "sectPr" => {
                    let element = xml.element(start);
                    sections.all.push(section(&element, relations));
                }
                Token::Done => break,
                _ => {}
            }
            if sections.all.len() >= MOST_SECTIONS {
                break;
            }
        }
        sections
    }

    /// Goes to the next section; whether it begins on a new page.
    pub fn next(&mut self) -> bool {
        self.at += 1;
        self.all.get(self.at).is_some_and(|it| it.breaks_page)
    }

    /// The parts of the headers and footers of this section.
    pub fn furniture(&self) -> Vec<(Furniture, String)> {
        self.all.get(self.at).map(|it| it.furniture.clone()).unwrap_or_default()
    }

    /// Whether a header or footer of this text was not told before.
    pub fn is_new(&mut self, text: &str) -> bool {
        self.told.insert(text.to_owned())
    }
}

fn section(element: &Element, relations: &Relations) -> Section {
    let mut section = Section::default();
    for reference in element.elements() {
        let furniture = match &*reference.name {
            "headerReference" => Furniture::Header,
            "footerReference" => Furniture::Footer,
            _ => continue,
        };
        let relation = reference.prefixed_attr("id").and_then(|id| relations.get(id));
        section.furniture.extend(relation.map(|it| (furniture, it.target.clone())));
    }
    let kind = element.child("type").and_then(|it| it.attr("val"));
    section.breaks_page = !matches!(kind, Some("continuous" | "nextColumn"));
    section
}

/// Whether a paragraph of a header or footer says nothing but which page it is: a field for the number and at most two words
/// around it, as in `Página 2 de 7`.
pub fn only_numbers_pages(paragraph: &Element) -> bool {
    let mut found = Found::default();
    look(paragraph, &mut found);
    found.has_number
        && found.text.split_whitespace().filter(|it| it.chars().any(char::is_alphabetic)).count() <= 2
}

#[derive(Default)]
struct Found {
    has_number: bool,
    text: String,
}

fn look(element: &Element, found: &mut Found) {
    match &*element.name {
        "instrText" => found.has_number |= is_page_number(&element.text()),
        "fldSimple" => {
            found.has_number |= is_page_number(element.attr("instr").unwrap_or_default());
            element.elements().for_each(|it| look(it, found));
        }
        "t" => found.text.push_str(&element.text()),
        "tab" | "br" => found.text.push(' '),
        "drawing" | "pict" => found.text.push_str("a picture is something else "),
        _ => element.elements().for_each(|it| look(it, found)),
    }
}
