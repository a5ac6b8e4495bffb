//! How is Markdown read? As GitHub's, with tables, footnotes, lists of tasks and a block of metadata in front.

mod table;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Block, BlockKind, Mark, Metadata, PageKind, Table, Warning};
use super::super::script::Script;
use super::super::sink::PageSink;
use super::charset::decode;
use super::gather::{self, Gather};
use super::inline::{Inline, Space};
use super::{front, html, text};

/// The deepest level of an item of a list.
const MAX_LEVEL: usize = 63;

/// Files of more bytes are read as plain text: the parser keeps all of one in memory many times over.
const MAX_BYTES: usize = 4 << 20;

/// Reads a file of Markdown.
pub fn read(bytes: &[u8], limits: &DocumentLimits, sink: &mut dyn PageSink) -> Result<Metadata, ReadError> {
    let decoded = decode(bytes, None);
    if decoded.lossy {
        sink.warn(super::broken_letters(decoded.charset));
    }
    if decoded.text.len() > MAX_BYTES {
        sink.warn(Warning::new("read_as_text", "so long a file of Markdown is read as plain text"));
        return text::read(bytes, limits, sink);
    }
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reading = Reading::new(limits);
    for event in Parser::new_ext(&decoded.text, options) {
        if reading.gather.is_full() {
            break;
        }
        reading.take(event);
    }
    reading.flush();
    let metadata = reading.metadata;
    gather::hand_over(PageKind::Page, None, reading.gather, sink)?;
    Ok(metadata)
}

struct Reading<'a> {
    limits: &'a DocumentLimits,
    gather: Gather,
    inline: Inline,
    heading: Option<u8>,
    code: Option<Option<String>>,
    /// The next numbers of the lists that are open; none for those with bullets.
    lists: Vec<Option<u32>>,
    item: Option<BlockKind>,
    quotes: u32,
    footnote: Option<String>,
    table: Option<Table>,
    cells: u64,
    is_head: bool,
    /// Pieces of HTML, or a block of metadata.
    raw: String,
    is_metadata: bool,
    metadata: Metadata,
}

impl<'a> Reading<'a> {
    fn new(limits: &'a DocumentLimits) -> Self {
        Self {
            limits,
            gather: Gather::new(limits),
            inline: Inline::default(),
            heading: None,
            code: None,
            lists: Vec::new(),
            item: None,
            quotes: 0,
            footnote: None,
            table: None,
            cells: limits.cells,
            is_head: false,
            raw: String::new(),
            is_metadata: false,
            metadata: Metadata { pages: Some(1), ..Metadata::default() },
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.is_metadata => self.raw.push_str(&text),
            Event::Text(text) => {
                self.inline.push(&text, if self.code.is_some() { Space::Keep } else { Space::Collapse });
            }
            Event::Code(text) => {
                self.inline.open(Mark::Code);
                self.inline.push(&text, Space::Collapse);
                self.inline.close();
            }
            Event::Html(text) => self.raw.push_str(&text),
            Event::InlineHtml(tag) => {
                if tag.get(..3).is_some_and(|name| name.eq_ignore_ascii_case("<br")) {
                    self.inline.line_break();
                }
            }
            Event::FootnoteReference(name) => {
                let sign = Script::Raised.written(&name, None).0;
                self.inline.open(Mark::Note { label: name.into_string() });
                self.inline.push(&sign, Space::Collapse);
                self.inline.close();
            }
            Event::SoftBreak => self.inline.blank(),
            Event::HardBreak => self.inline.line_break(),
            Event::Rule => self.flush(),
            Event::TaskListMarker(done) => {
                self.inline.push(if done { "☒ " } else { "☐ " }, Space::Collapse);
            }
            Event::InlineMath(text) | Event::DisplayMath(text) => self.inline.push(&text, Space::Collapse),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.flush(),
            Tag::Heading { level, .. } => {
                self.flush();
                self.heading = Some(number(level));
            }
            Tag::BlockQuote(_) => {
                self.flush();
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                self.code = Some(code_language(&kind));
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first.map(|first| u32::try_from(first).unwrap_or(u32::MAX)));
            }
            Tag::Item => self.begin_item(),
            Tag::FootnoteDefinition(name) => {
                self.flush();
                self.footnote = Some(name.into_string());
            }
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Table::default());
            }
            Tag::TableHead => self.is_head = true,
            Tag::MetadataBlock(_) => self.is_metadata = true,
            Tag::Emphasis => self.inline.open(Mark::Emphasis),
            Tag::Strong => self.inline.open(Mark::Strong),
            Tag::Strikethrough => self.inline.open(Mark::Strike),
            Tag::Link { dest_url, .. } => self.inline.open(Mark::Link { url: dest_url.into_string() }),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.flush(),
            TagEnd::Heading(_) => {
                self.flush();
                self.heading = None;
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::CodeBlock => {
                self.flush();
                self.code = None;
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Item => {
                self.flush();
                self.item = None;
            }
            TagEnd::FootnoteDefinition => {
                self.flush();
                self.footnote = None;
            }
            TagEnd::TableCell => self.cell(),
            TagEnd::TableRow | TagEnd::TableHead => {
                self.is_head = false;
                if let Some(table) = &mut self.table {
                    table.rows += 1;
                }
            }
            TagEnd::Table => self.end_table(),
            TagEnd::MetadataBlock(_) => self.end_metadata(),
            TagEnd::HtmlBlock => self.end_html(),
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link => self.inline.close(),
            _ => {}
        }
    }

    fn begin_item(&mut self) {
        self.flush();
        let level = u8::try_from(self.lists.len().saturating_sub(1).min(MAX_LEVEL)).unwrap_or(u8::MAX);
        let number = self.lists.last_mut().and_then(|next| {
            let number = *next;
            *next = number.map(|number| number.saturating_add(1));
            number
        });
        self.item = Some(BlockKind::ListItem { level, number });
    }

    fn end_metadata(&mut self) {
        self.is_metadata = false;
        front::read(&std::mem::take(&mut self.raw), &mut self.metadata);
    }

    fn end_html(&mut self) {
        let raw = std::mem::take(&mut self.raw);
        html::read_into(&raw, self.limits, &mut self.gather);
    }

    fn flush(&mut self) {
        if self.inline.is_empty() {
            return;
        }
        let (text, spans) = if self.code.is_some() { self.inline.take_code() } else { self.inline.take() };
        if text.is_empty() {
            return;
        }
        let kind = if let Some(code_language) = &self.code {
            BlockKind::Code { code_language: code_language.clone() }
        } else if let Some(level) = self.heading {
            BlockKind::Heading { level }
        } else if let Some(item) = self.item.take() {
            item
        } else if self.footnote.is_some() {
            BlockKind::Footnote
        } else if self.quotes > 0 {
            BlockKind::Quote
        } else {
            BlockKind::Paragraph
        };
        let label = self.footnote.clone().filter(|_| kind == BlockKind::Footnote);
        self.gather.push(Block { kind, text, spans, label, ..Block::default() });
    }
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

fn code_language(kind: &CodeBlockKind<'_>) -> Option<String> {
    let CodeBlockKind::Fenced(info) = kind else { return None };
    let name = info.split([' ', ',', '{']).next().unwrap_or_default();
    (!name.is_empty() && name.len() <= 32).then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
