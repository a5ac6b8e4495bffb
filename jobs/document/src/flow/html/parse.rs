//! How do the bytes of a page of the web become nodes, whatever somebody wrote into them?
//!
//! `html5gum` finds the tags and `html5ever` builds the tree as browsers do. Between them stands a guard: it keeps the
//! few attributes that matter, leaves out elements that are nested too deep, and ends a page of too many.

use html5ever::interface::{QualName, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Doctype, Tag, TagKind, Token, TokenSink};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, ns};
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::dom::{Dom, Handle, Node};

/// Nodes of a document, made or moved; 100 MiB of ordinary pages have fewer.
const MAX_WORK: u64 = 3_000_000;
/// Bytes of an attribute's value.
const MAX_VALUE: usize = 4096;
/// The attributes that the readers of the tree look at, and `type`, by which the tree builder finds hidden fields.
const ATTRIBUTES: [&str; 30] = [
    "alt",
    "aria-label",
    "border",
    "checked",
    "class",
    "close",
    "colspan",
    "content",
    "display",
    "hidden",
    "href",
    "http-equiv",
    "lang",
    "linethickness",
    "mathvariant",
    "name",
    "open",
    "property",
    "role",
    "rowspan",
    "selected",
    "separators",
    "start",
    "style",
    "summary",
    "title",
    "type",
    "value",
    "width",
    "xml:lang",
];
/// Elements that have no end; they do not nest.
pub const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// A page of the web as nodes.
#[derive(Debug)]
pub struct Parsed {
    /// Its nodes; the document is the first.
    pub nodes: Vec<Node>,
    /// Whether elements were left out since they are nested too deep.
    pub too_deep: bool,
    /// Whether the end was left out.
    pub too_many: bool,
}

/// Reads `text`, in which elements may nest as deep as `depth`.
pub fn parse(text: &str, depth: u32) -> Parsed {
    let options = TreeBuilderOpts { drop_doctype: true, ..TreeBuilderOpts::default() };
    let mut guard = Guard {
        builder: TreeBuilder::new(Dom::new(), options),
        depth,
        left_out: 0,
        too_deep: false,
        tag: None,
        attribute: None,
    };
    // The only thing that is given out says that there were too many.
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| guard.take(&event));
    emitter.naively_switch_states(true);
    let too_many = Tokenizer::new_with_emitter(text, emitter).next().is_some();
    guard.feed(Token::EOFToken);
    guard.builder.end();
    Parsed { nodes: guard.builder.sink.finish(), too_deep: guard.too_deep, too_many }
}

struct Guard {
    builder: TreeBuilder<Handle, Dom>,
    depth: u32,
    /// Elements whose start tag was left out and whose end tag did not come yet.
    left_out: u64,
    too_deep: bool,
    tag: Option<Tag>,
    attribute: Option<&'static str>,
}

impl Guard {
    fn feed(&self, token: Token) {
        // What it answers are wishes of the tokenizer of html5ever, and of scripts.
        let _: html5ever::tokenizer::TokenSinkResult<Handle> = self.builder.process_token(token, 1);
    }

    fn start(&mut self, self_closing: bool) {
        let Some(mut tag) = self.tag.take() else { return };
        let nests = !VOID.contains(&&*tag.name);
        if nests && (self.left_out > 0 || self.builder.sink.depth() >= self.depth) {
            self.too_deep = true;
            self.left_out += 1;
            return;
        }
        tag.self_closing = self_closing;
        self.feed(Token::TagToken(tag));
    }

    fn end(&mut self, name: &[u8]) {
        if self.left_out > 0 {
            self.left_out -= 1;
            return;
        }
        self.feed(Token::TagToken(new_tag(TagKind::EndTag, name)));
    }

    fn attribute_name(&mut self, name: &[u8]) {
        self.attribute = ATTRIBUTES.iter().find(|known| known.as_bytes() == name).copied();
        self.attribute_value(b"");
        // The value may follow.
        self.attribute = ATTRIBUTES.iter().find(|known| known.as_bytes() == name).copied();
    }

    fn attribute_value(&mut self, value: &[u8]) {
        let (Some(name), Some(tag)) = (self.attribute.take(), &mut self.tag) else { return };
        let text = String::from_utf8_lossy(value.get(..MAX_VALUE).unwrap_or(value));
        let name = QualName::new(None, ns!(), LocalName::from(name));
        match tag.attrs.iter_mut().find(|attribute| attribute.name == name) {
            // The first one counts.
            Some(known) if known.value.is_empty() => known.value = StrTendril::from(&*text),
            Some(_) => {}
            None => tag.attrs.push(Attribute { name, value: StrTendril::from(&*text) }),
        }
    }

    /// Answers when it is enough.
    fn take(&mut self, event: &CallbackEvent<'_>) -> Option<()> {
        match *event {
            CallbackEvent::OpenStartTag { name } => self.tag = Some(new_tag(TagKind::StartTag, name)),
            CallbackEvent::AttributeName { name } => self.attribute_name(name),
            CallbackEvent::AttributeValue { value } => self.attribute_value(value),
            CallbackEvent::CloseStartTag { self_closing } => self.start(self_closing),
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } => {
                self.feed(Token::CharacterTokens(StrTendril::from(&*String::from_utf8_lossy(value))));
            }
            CallbackEvent::Doctype { name, public_identifier, system_identifier, force_quirks } => {
                let text = |bytes: &[u8]| StrTendril::from(&*String::from_utf8_lossy(bytes));
                self.feed(Token::DoctypeToken(Doctype {
                    name: Some(text(name)),
                    public_id: public_identifier.map(text),
                    system_id: system_identifier.map(text),
                    force_quirks,
                }));
            }
            CallbackEvent::Comment { .. } | CallbackEvent::Error(_) => {}
        }
        (self.builder.sink.work() > MAX_WORK).then_some(())
    }
}

fn new_tag(kind: TagKind, name: &[u8]) -> Tag {
    let name = LocalName::from(&*String::from_utf8_lossy(name.get(..64).unwrap_or(name)));
    Tag { kind, name, self_closing: false, attrs: Vec::new(), had_duplicate_attributes: false }
}
