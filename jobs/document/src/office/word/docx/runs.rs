//! What do the runs of a paragraph of a DOCX say?

use std::rc::Rc;

use super::super::super::lines::{Line, Look};
use super::super::super::ooxml::Relations;
use super::super::super::xml::{Element, Node};
use super::super::symbols;
use super::fields::{self, Fields};
use super::formula;
use super::styles::{Change, Styles};

/// What a paragraph holds, in order.
#[derive(Debug, Default)]
pub struct Content<'t> {
    /// Its text; a page begins between one and the next.
    pub lines: Vec<Line>,
    /// Whether a page began before its first character, where the document was saved last.
    pub rendered_before: bool,
    /// How many pages began after that, where the document was saved last.
    pub rendered_within: u32,
    /// What is not text.
    pub extras: Vec<Extra<'t>>,
    /// Whether some of its text is a number of pages.
    pub has_page_number: bool,
}

/// What stands in a paragraph beside its text.
#[derive(Debug)]
pub enum Extra<'t> {
    /// A text box.
    Box(&'t Element),
    /// A picture with its alternative text.
    Picture(String),
    /// A chart, by the id of its relation.
    Chart(&'t str),
    /// A diagram, by the id of its data's relation.
    Diagram(&'t str),
    /// A footnote, by its id, with its label.
    Footnote(&'t str, Option<String>),
    /// An endnote, by its id, with its label.
    Endnote(&'t str, Option<String>),
    /// A comment, by its id.
    Comment(&'t str),
}

/// How many notes were referred to so far. Endnotes are counted with the others: a label belongs to one note.
#[derive(Debug, Default)]
pub struct NoteCount(u32);

impl NoteCount {
    /// The label of the next one.
    fn next(&mut self) -> String {
        self.0 = self.0.saturating_add(1);
        self.0.to_string()
    }
}

/// Walks through runs.
pub struct Runs<'c, 't> {
    pub styles: &'c Styles,
    pub relations: &'c Relations,
    pub fields: &'c mut Fields,
    pub note_count: &'c mut NoteCount,
    pub content: Content<'t>,
}

impl<'t> Runs<'_, 't> {
    /// All that stands in `parent`.
    pub fn walk(&mut self, parent: &'t Element, link: Option<&Rc<str>>) {
        for element in parent.elements() {
            match &*element.name {
                "r" => self.run(element, link),
                "hyperlink" => {
                    let target = self.target(element);
                    self.walk(element, target.as_ref().or(link));
                }
                "fldSimple" => {
                    let instruction = element.attr("instr").unwrap_or_default();
                    self.content.has_page_number |= fields::is_page_number(instruction);
                    let target = fields::link(instruction);
                    self.walk(element, target.as_ref().or(link));
                }
                "oMath" | "oMathPara" => self.formula(element),
                "sdt" => {
                    if let Some(content) = element.child("sdtContent") {
                        self.walk(content, link);
                    }
                }
                "ins" | "moveTo" | "smartTag" | "customXml" | "dir" | "bdo" => self.walk(element, link),
                // Deletions, and what only says how.
                _ => {}
            }
        }
    }

    fn target(&self, element: &Element) -> Option<Rc<str>> {
        let relation = element.prefixed_attr("id").and_then(|id| self.relations.get(id));
        let address = relation.filter(|it| it.is_external).map_or("", |it| it.target.as_str());
        fields::target(address, element.attr("anchor").unwrap_or_default())
    }

    fn run(&mut self, run: &'t Element, link: Option<&Rc<str>>) {
        let properties = run.child("rPr");
        let style = properties.and_then(|it| it.child("rStyle")).and_then(|it| it.attr("val"));
        let base = style.map(|id| self.styles.run(id)).unwrap_or_default();
        let change = properties.map(Change::of).unwrap_or_default().over(base);
        let mut look = change.look();
        look.link = link.cloned().or_else(|| self.fields.link());
        let font = properties.and_then(|it| it.child("rFonts")).and_then(|it| it.attr("ascii"));
        let hidden = change.hidden == Some(true);
        for piece in run.elements() {
            self.piece(piece, &look, font, hidden);
        }
    }

    fn piece(&mut self, piece: &'t Element, look: &Look, font: Option<&str>, hidden: bool) {
        match &*piece.name {
            "fldChar" => {
                self.fields.mark(piece.attr("fldCharType").unwrap_or_default());
                // The instruction of this field is not told yet: what its form shows is text all the same.
                if let Some(form) = piece.child("ffData") {
                    self.line().push(&super::drawn::form_value(form), look);
                }
            }
            "instrText" => self.fields.instruct(&piece.text()),
            "lastRenderedPageBreak" => self.rendered_break(),
            "br" if piece.attr("type") == Some("page") => {
                self.line();
                self.content.lines.push(Line::default());
            }
            "drawing" | "pict" | "object" => self.drawing(piece),
            "footnoteReference" => self.note(piece, look, false),
            "endnoteReference" => self.note(piece, look, true),
            "commentReference" => self.content.extras.extend(piece.attr("id").map(Extra::Comment)),
            "ruby" => {
                if let Some(base) = piece.child("rubyBase") {
                    self.walk(base, look.link.as_ref());
                }
            }
            _ if hidden => {}
            "t" => self.text(piece, look, font),
            "tab" | "ptab" => self.push("\t", look),
            "br" | "cr" => self.push("\n", look),
            "noBreakHyphen" => self.push("-", look),
            "sym" => {
                let code =
                    u32::from_str_radix(piece.attr("char").unwrap_or_default(), 16).unwrap_or_default();
                let shown = symbols::shown(piece.attr("font").unwrap_or_default(), code);
                self.push(&shown.map(String::from).unwrap_or_default(), look);
            }
            _ => {}
        }
    }

    fn text(&mut self, piece: &Element, look: &Look, font: Option<&str>) {
        let font = font.filter(|it| {
            let name = it.to_lowercase();
            name == "symbol" || name.starts_with("wingdings")
        });
        for child in &piece.children {
            let Node::Text(text) = child else { continue };
            let Some(font) = font else {
                self.push(text, look);
                continue;
            };
            let shown = text.chars().map(|it| match u32::from(it) {
                code @ 0xf000..=0xf0ff => symbols::shown(font, code).unwrap_or(' '),
                _ => it,
            });
            self.push(&shown.collect::<String>(), look);
        }
    }

    fn push(&mut self, text: &str, look: &Look) {
        if !self.fields.is_shown() {
            return;
        }
        self.content.has_page_number |= self.fields.is_page_number();
        self.line().push(text, look);
    }

    fn formula(&mut self, element: &Element) {
        if self.fields.is_shown() {
            self.line().formula(&formula::read(element).written(), &Look::default());
        }
    }

    fn line(&mut self) -> &mut Line {
        if self.content.lines.is_empty() {
            self.content.lines.push(Line::default());
        }
        let last = self.content.lines.len() - 1;
        &mut self.content.lines[last]
    }

    fn rendered_break(&mut self) {
        let is_first = self.content.lines.len() <= 1;
        if is_first && self.line().is_blank() {
            self.content.rendered_before = true;
        } else if !self.line().is_blank() {
            self.content.rendered_within += 1;
        }
    }

    /// A reference to a note; one with a sign of its own has that sign behind it, and is not counted.
    fn note(&mut self, piece: &'t Element, look: &Look, is_endnote: bool) {
        let Some(id) = piece.attr("id") else { return };
        let is_counted = !matches!(piece.attr("customMarkFollows"), Some("1" | "true" | "on"));
        let label = is_counted.then(|| self.note_count.next());
        if let Some(label) = &label {
            self.line().note(label, look);
        }
        let extra = if is_endnote { Extra::Endnote(id, label) } else { Extra::Footnote(id, label) };
        self.content.extras.push(extra);
    }
}
