//! How do the nodes of a page of the web become blocks, in the order in which they are read?

use super::super::super::formula::{self, Written};
use super::super::super::model::{Block, BlockKind, Mark, Span};
use super::super::gather::{BLOCK_COST, Gather};
use super::super::inline::{Inline, SPAN_COST, Space};
use super::dom::Id;
use super::form;
use super::list::{List, Lists};
use super::markup::Place;
use super::names::{code_language, mark, stands_alone};
use super::page::Page;
use super::seen::is_hidden;
use super::table;
use super::tables::Kind;
use super::tree::Visit;

/// So deep may tables lie in cells of tables and still be tables.
const MAX_TABLES: u32 = 16;

/// What the way through the nodes has gathered.
pub struct Walk<'a, 'g> {
    page: &'a Page<'a>,
    gather: &'g mut Gather,
    inline: Inline,
    lists: Lists,
    quotes: u32,
    /// How many elements are open in which white space stays.
    verbatim: u32,
    heading: Option<u8>,
    code_language: Option<String>,
    is_code: bool,
    is_field: bool,
    /// A cell of a table is read: its pictures are a part of its text.
    in_cell: bool,
    /// How many tables this is in.
    depth: u32,
}

/// Reads everything within `root` into `gather`.
pub fn walk(page: &Page<'_>, root: Id, gather: &mut Gather) {
    Walk::new(page, gather, false, 0).run(root);
}

/// The text of a cell with its marks, in lines; and whether something of it is left out.
pub fn cell(page: &Page<'_>, root: Id, room: usize, depth: u32) -> (String, Vec<Span>, bool) {
    let mut gather = Gather::with_room(room);
    Walk::new(page, &mut gather, true, depth).run(root);
    let (mut text, mut spans) = (String::new(), Vec::new());
    let (blocks, truncated) = gather.finish();
    for block in blocks {
        if !text.is_empty() {
            text.push('\n');
        }
        let start = u32::try_from(text.len()).unwrap_or(u32::MAX);
        text.push_str(&block.text);
        spans.extend(block.spans.into_iter().map(|span| Span {
            start: span.start.saturating_add(start),
            end: span.end.saturating_add(start),
            mark: span.mark,
        }));
    }
    (text, spans, truncated)
}

impl<'a, 'g> Walk<'a, 'g> {
    fn new(page: &'a Page<'a>, gather: &'g mut Gather, in_cell: bool, depth: u32) -> Self {
        Self {
            page,
            gather,
            inline: Inline::default(),
            lists: Lists::default(),
            quotes: 0,
            verbatim: 0,
            heading: None,
            code_language: None,
            is_code: false,
            is_field: false,
            in_cell,
            depth,
        }
    }

    fn run(&mut self, root: Id) {
        let mut visit = Some(Visit::Enter(root));
        while let Some(now) = visit {
            let descend = match now {
                Visit::Enter(id) => id == root || self.enter(id),
                Visit::Leave(id) => {
                    if id != root {
                        self.leave(id);
                    }
                    true
                }
            };
            if self.gather.is_full() {
                return;
            }
            visit = self.page.tree.next(root, now, descend);
        }
        self.flush();
    }

    /// Answers whether what is within is to be visited, and left.
    fn enter(&mut self, id: Id) -> bool {
        let tree = self.page.tree;
        if let Some(text) = tree.text(id) {
            self.text(text);
            return false;
        }
        if is_hidden(tree, id) {
            return false;
        }
        let name = tree.name(id);
        if !tree.is_html(id) {
            if name == "math" {
                self.formula(id);
                return false;
            }
            self.inline.blank();
            return true;
        }
        if name == "table" && self.depth < MAX_TABLES && self.page.kind(id) == Kind::Data {
            self.table(id);
            return false;
        }
        if stands_alone(name) {
            self.flush();
        }
        self.begin_block(id, name);
        self.begin_inline(id, name)
    }

    fn leave(&mut self, id: Id) {
        if !self.page.tree.is_html(id) {
            return;
        }
        let name = self.page.tree.name(id);
        if stands_alone(name) {
            self.flush();
        }
        match name {
            "li" => self.lists.end_item(),
            "ul" | "ol" | "menu" | "dir" => self.lists.end(),
            "blockquote" => self.quotes = self.quotes.saturating_sub(1),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = None,
            "pre" | "listing" | "xmp" | "plaintext" => {
                self.verbatim = self.verbatim.saturating_sub(1);
                self.is_code = self.verbatim > 0;
                self.code_language = None;
            }
            "textarea" => self.verbatim = self.verbatim.saturating_sub(1),
            "button" | "label" | "option" => self.inline.blank(),
            "q" => self.inline.push("”", Space::Keep),
            _ => {}
        }
        if mark(self.page, id, name).is_some() {
            self.inline.close();
        }
    }

    fn begin_block(&mut self, id: Id, name: &str) {
        let tree = self.page.tree;
        match name {
            "ul" | "menu" | "dir" => self.lists.begin(List::unordered()),
            "ol" => self.lists.begin(List::ordered(tree.attribute(id, "start"))),
            "li" => self.lists.begin_item(tree.attribute(id, "value")),
            "blockquote" => self.quotes = self.quotes.saturating_add(1),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.heading = name.as_bytes().get(1).map(|digit| digit - b'0');
            }
            "pre" | "listing" | "xmp" | "plaintext" => {
                self.verbatim = self.verbatim.saturating_add(1);
                self.is_code = true;
                self.code_language = code_language(tree, id);
            }
            "code" if self.is_code && self.code_language.is_none() => {
                self.code_language = code_language(tree, id);
            }
            _ => {}
        }
    }

    /// Answers whether what is within is to be visited.
    fn begin_inline(&mut self, id: Id, name: &str) -> bool {
        match name {
            "br" => self.inline.line_break(),
            "img" => self.picture(id),
            "q" => self.inline.push("“", Space::Collapse),
            "input" => self.field(form::input(self.page.tree, id)),
            "select" => {
                self.field(form::select(self.page.tree, id));
                return false;
            }
            "textarea" => {
                self.is_field = true;
                self.inline.blank();
                self.verbatim = self.verbatim.saturating_add(1);
            }
            "button" | "label" | "option" => self.inline.blank(),
            _ => {}
        }
        if let Some(mark) = mark(self.page, id, name) {
            self.inline.open(mark);
        }
        true
    }

    fn text(&mut self, text: &str) {
        if self.is_beyond(0) {
            return;
        }
        self.inline.push(text, if self.verbatim > 0 { Space::Keep } else { Space::Collapse });
    }

    /// Ends the text, and all of it, where what is open and `more` bytes cost more than is within the budget.
    fn is_beyond(&mut self, more: usize) -> bool {
        let is_beyond = self.inline.cost().saturating_add(more) > self.gather.room();
        if is_beyond {
            self.flush();
            self.gather.close();
        }
        is_beyond
    }

    /// A formula in the line, or on a line of its own.
    fn formula(&mut self, id: Id) {
        let is_apart = self.page.tree.attribute(id, "display") == Some("block") && !self.in_cell;
        if is_apart {
            self.flush();
        }
        let Written { linear, latex } = formula::from_mathml(Place { tree: self.page.tree, id }).written();
        let cost = linear.len() + latex.as_ref().map_or(0, String::len);
        if self.is_beyond(cost + SPAN_COST + BLOCK_COST as usize) {
            return;
        }
        let mark = latex.map(|latex| Mark::Formula { latex });
        let has_mark = mark.is_some();
        mark.into_iter().for_each(|mark| self.inline.open(mark));
        self.inline.push(&linear, Space::Collapse);
        if has_mark {
            self.inline.close();
        }
        if is_apart {
            self.flush();
        }
    }

    fn field(&mut self, value: Option<String>) {
        let Some(value) = value else { return };
        self.is_field = true;
        self.inline.blank();
        self.inline.push(&value, Space::Collapse);
        self.inline.blank();
    }

    /// A picture within a text is a part of it, one that stands alone is a figure.
    fn picture(&mut self, id: Id) {
        let tree = self.page.tree;
        let words = ["alt", "aria-label", "title"].iter().find_map(|name| tree.attribute(id, name));
        let Some(words) = words.map(str::trim).filter(|words| !words.is_empty()) else { return };
        if self.in_cell || self.heading.is_some() || !self.inline.is_empty() {
            self.inline.blank();
            self.inline.push(words, Space::Collapse);
            self.inline.blank();
            return;
        }
        let mut text = Inline::default();
        text.push(words, Space::Collapse);
        let spans = self.page.link_around(id).map(|url| Span {
            start: 0,
            end: u32::try_from(words.len()).unwrap_or(u32::MAX),
            mark: Mark::Link { url },
        });
        let text = text.take().0;
        let fits = |span: &Span| span.end as usize == text.len();
        let spans = spans.filter(fits).into_iter().collect();
        self.gather.push(Block { kind: BlockKind::Figure, text, spans, ..Block::default() });
    }

    fn table(&mut self, id: Id) {
        self.flush();
        if let Some(block) = table::read(self.page, id, self.gather, self.depth) {
            self.gather.push(block);
        }
    }

    fn flush(&mut self) {
        if self.inline.is_empty() {
            return;
        }
        let (text, spans) = if self.is_code { self.inline.take_code() } else { self.inline.take() };
        let is_field = std::mem::take(&mut self.is_field);
        if text.is_empty() {
            return;
        }
        let kind = self.kind(is_field);
        self.gather.push(Block { kind, text, spans, ..Block::default() });
    }

    fn kind(&mut self, is_field: bool) -> BlockKind {
        if let Some(level) = self.heading {
            // The item that it heads begins with it.
            self.lists.take_item();
            return BlockKind::Heading { level };
        }
        if self.is_code {
            return BlockKind::Code { code_language: self.code_language.clone() };
        }
        if let Some(item) = self.lists.take_item() {
            return item;
        }
        match (is_field, self.quotes > 0) {
            (true, _) => BlockKind::Field,
            (false, true) => BlockKind::Quote,
            (false, false) => BlockKind::Paragraph,
        }
    }
}
