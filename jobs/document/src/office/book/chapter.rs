//! How does a chapter (XHTML) become blocks?

use std::rc::Rc;

use super::super::super::formula;
use super::super::super::model::{Block, BlockKind};
use super::super::super::script::Script;
use super::super::lines::{Line, Look, plain};
use super::super::output::Output;
use super::super::xml::{Element, Node, Place};
use super::tables;

/// The blocks of a chapter.
pub fn blocks(root: &Element, output: &mut Output<'_>) -> Vec<Block> {
    let body = root.child("body").unwrap_or(root);
    let mut chapter = Chapter::new(output);
    chapter.children(body, &Look::default());
    chapter.finish()
}

/// A chapter that is being read.
pub struct Chapter<'c, 'a> {
    pub output: &'c mut Output<'a>,
    blocks: Vec<Block>,
    line: Line,
    /// What the line is going to be.
    kind: BlockKind,
    /// Pictures that stand in the line.
    pictures: Vec<Block>,
    /// The lists that are open: the next number of ordered ones.
    lists: Vec<Option<u32>>,
    quotes: u32,
}

impl<'c, 'a> Chapter<'c, 'a> {
    pub fn new(output: &'c mut Output<'a>) -> Self {
        Self {
            output,
            blocks: Vec::new(),
            line: Line::default(),
            kind: BlockKind::Paragraph,
            pictures: Vec::new(),
            lists: Vec::new(),
            quotes: 0,
        }
    }

    pub fn finish(mut self) -> Vec<Block> {
        self.end_line();
        self.blocks
    }

    /// Adds a block; what is gathered here counts as it comes.
    fn give(&mut self, block: Block) {
        if self.output.block_is_held(&block) {
            self.blocks.push(block);
        }
    }

    pub fn children(&mut self, parent: &Element, look: &Look) {
        for child in &parent.children {
            if self.output.is_done() {
                break;
            }
            match child {
                Node::Text(text) => self.text(text, look),
                Node::Element(element) if !is_hidden(element) => self.element(element, look),
                Node::Element(_) => {}
            }
        }
    }

    fn element(&mut self, element: &Element, look: &Look) {
        let marked = |change: fn(&mut Look)| {
            let mut look = look.clone();
            change(&mut look);
            look
        };
        match &*element.name {
            "head" | "script" | "style" | "template" | "rt" | "rp" | "noscript" | "iframe" | "object"
            | "select" | "textarea" | "input" => {}
            "b" | "strong" => self.children(element, &marked(|it| it.strong = true)),
            "i" | "em" | "cite" | "dfn" | "var" => self.children(element, &marked(|it| it.emphasis = true)),
            "s" | "strike" | "del" => self.children(element, &marked(|it| it.strike = true)),
            "code" | "kbd" | "samp" | "tt" => self.children(element, &marked(|it| it.code = true)),
            "sup" => self.children(element, &marked(|it| it.script = Some(Script::Raised))),
            "sub" => self.children(element, &marked(|it| it.script = Some(Script::Lowered))),
            "a" => self.link(element, look),
            "br" => self.line.push("\n", look),
            "img" | "image" => self.picture(element.attr("alt").unwrap_or_default()),
            "svg" => self.drawing(element, look),
            // Alternatives of the older version: a case is taken if it is one of formulas, which are read here.
            "switch" => {
                let is_read =
                    |it: &&Element| it.attr("required-namespace").is_some_and(|it| it.ends_with("/MathML"));
                let case = element.elements().filter(|it| &*it.name == "case").find(is_read);
                if let Some(chosen) = case.or_else(|| element.child("default")) {
                    self.children(chosen, look);
                }
            }
            "math" => self.formula(element, look),
            "span" | "u" | "small" | "big" | "font" | "abbr" | "q" | "label" | "time" | "mark" | "ins"
            | "bdi" | "bdo" | "ruby" | "rb" | "acronym" | "data" | "wbr" | "button" => {
                self.children(element, look);
            }
            _ => self.block(element, look),
        }
    }

    fn block(&mut self, element: &Element, look: &Look) {
        self.end_line();
        match &*element.name {
            name @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") => {
                let level = name.as_bytes().get(1).map_or(1, |it| it - b'0');
                self.kind = BlockKind::Heading { level };
                self.children(element, look);
            }
            "ul" | "ol" | "menu" => {
                let is_ordered = &*element.name == "ol";
                self.lists.push(is_ordered.then(|| element.number("start").unwrap_or(1)));
                self.children(element, look);
                self.end_line();
                self.lists.pop();
            }
            _ if is_note(element) => self.note(element),
            "li" => self.item(element, look),
            "pre" => self.code(element),
            "blockquote" => {
                self.quotes += 1;
                self.children(element, look);
                self.end_line();
                self.quotes -= 1;
            }
            "table" => {
                let blocks = tables::blocks(element, self.output);
                blocks.into_iter().for_each(|block| self.give(block));
            }

            "dt" => self.children(element, &Look { strong: true, ..look.clone() }),
            _ => self.children(element, look),
        }
        self.end_line();
        // What had no line of its own has none later.
        self.kind = BlockKind::Paragraph;
    }

    fn item(&mut self, element: &Element, look: &Look) {
        let level = u8::try_from(self.lists.len().saturating_sub(1)).unwrap_or(8).min(8);
        let mut number = None;
        if let Some(Some(next)) = self.lists.last_mut() {
            number = element.number("value").or(Some(*next));
            *next = number.unwrap_or_default().saturating_add(1);
        }
        self.kind = BlockKind::ListItem { level, number };
        self.children(element, look);
    }

    fn link(&mut self, element: &Element, look: &Look) {
        let kinds = element.attr("type").unwrap_or_default();
        // The mark of a note says nothing without the note, which stands elsewhere.
        if kinds.split_whitespace().any(|it| it == "noteref") || element.attr("role") == Some("doc-noteref") {
            return;
        }
        let url = element.attr("href").filter(|it| !it.is_empty()).map(Rc::from);
        let link = url.or_else(|| look.link.clone());
        self.children(element, &Look { link, ..look.clone() });
    }

    fn note(&mut self, element: &Element) {
        let mut inner = Chapter::new(self.output);
        inner.children(element, &Look::default());
        let text = super::super::word::docx::joined(&inner.finish());
        self.give(plain(BlockKind::Footnote, &text));
    }

    /// A formula in the line, or on a line of its own.
    fn formula(&mut self, math: &Element, look: &Look) {
        let is_apart = math.attr("display") == Some("block");
        if is_apart {
            self.end_line();
        }
        self.line.formula(&formula::from_mathml(Place::Element(math)).written(), look);
        if is_apart {
            self.end_line();
        }
    }

    fn picture(&mut self, text: &str) {
        self.pictures.push(plain(BlockKind::Figure, text.trim()));
    }

    /// A drawing has pictures in it, or a title; its letters are text.
    fn drawing(&mut self, element: &Element, look: &Look) {
        if element.find("image").is_some() {
            self.picture(element.child("title").map(Element::text).unwrap_or_default().trim());
            return;
        }
        for part in element.elements() {
            match &*part.name {
                "title" | "desc" => self.picture(part.text().trim()),
                "text" => {
                    self.text(&part.text(), look);
                    self.text(" ", look);
                }
                "g" | "a" | "switch" => self.drawing(part, look),
                _ => {}
            }
        }
    }

    /// Verbatim text, with the language that its class names.
    fn code(&mut self, element: &Element) {
        let class =
            element.attr("class").into_iter().chain(element.child("code").and_then(|it| it.attr("class")));
        let language = class.flat_map(str::split_whitespace).find_map(|it| it.strip_prefix("language-"));
        let kind = BlockKind::Code { code_language: language.map(str::to_owned) };
        let mut text = String::new();
        verbatim(element, &mut text);
        self.give(plain(kind, text.strip_prefix('\n').unwrap_or(&text)));
    }

    /// White space is one space, and none at the beginning of a line.
    fn text(&mut self, text: &str, look: &Look) {
        let mut collapsed = String::with_capacity(text.len());
        let mut after_space = self.line.text().is_empty() || self.line.text().ends_with([' ', '\n']);
        for character in text.chars() {
            let is_space = matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}');
            if !is_space {
                collapsed.push(character);
            } else if !after_space {
                collapsed.push(' ');
            }
            after_space = is_space;
        }
        self.line.push(&collapsed, look);
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let is_body = self.kind == BlockKind::Paragraph;
        if !line.is_blank() {
            let kind = std::mem::take(&mut self.kind);
            let kind = if is_body && self.quotes > 0 { BlockKind::Quote } else { kind };
            self.give(line.block(kind));
        }
        // An item or a heading may begin with an inner block: it stays what it is until a line ends.
        for picture in std::mem::take(&mut self.pictures) {
            self.give(picture);
        }
    }
}

fn verbatim(element: &Element, text: &mut String) {
    for child in &element.children {
        match child {
            Node::Text(piece) => text.push_str(piece),
            Node::Element(inner) if &*inner.name == "br" => text.push('\n'),
            Node::Element(inner) => verbatim(inner, text),
        }
    }
}

fn is_hidden(element: &Element) -> bool {
    let style = element.attr("style").unwrap_or_default();
    element.attr("hidden").is_some() || style.replace(' ', "").contains("display:none")
}

fn is_note(element: &Element) -> bool {
    let kinds = element.attr("type").unwrap_or_default();
    kinds.split_whitespace().any(|it| matches!(it, "footnote" | "endnote" | "rearnote"))
        || matches!(element.attr("role"), Some("doc-footnote" | "doc-endnote"))
}
