//! How is XML read that may be made to harm?
//!
//! No entity is expanded but the predefined ones and character references, a DTD is refused, depth and size are bounded. Names
//! are those without their prefix. A fault is kept: what came before it can still be used.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, resolve_xml_entity, unescape_with};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;

/// How many elements and attributes one tree may hold; a tree of so many takes some 200 MiB.
const TREE_NODES: usize = 2_000_000;
/// How many different names are kept to be shared.
const SHARED_NAMES: usize = 4_096;
/// Elements of HTML that have no end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// How strictly the rules of XML are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// As the standard has them, and no DTD at all.
    Strict,
    /// As books have them: a DTD may be named, the entities of HTML stand for their characters, and ends may be missing.
    Book,
}

/// Why the reading of XML ended early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlFault {
    /// It is not well-formed.
    #[error("is not well-formed: {0}")]
    Malformed(String),
    /// It has a DTD.
    #[error("has a DTD, which is refused")]
    Doctype,
    /// It nests deeper than allowed.
    #[error("nests too deeply")]
    TooDeep,
    /// One of its elements holds too much.
    #[error("has an element that is too large")]
    TooLarge,
}

impl XmlFault {
    /// The refusal of a document whose part `name` has this fault.
    #[must_use]
    pub fn of_part(&self, name: &str) -> ReadError {
        let message = format!("{name} {self}");
        match self {
            Self::TooDeep | Self::TooLarge => ReadError::too_large(message),
            Self::Malformed(_) | Self::Doctype => ReadError::malformed(message),
        }
    }
}

/// An element with all that is in it.
#[derive(Debug, Clone, Default)]
pub struct Element {
    /// Its name without the prefix.
    pub name: Name,
    attributes: Vec<Attribute>,
    /// What is in it.
    pub children: Vec<Node>,
}

/// A name that is shared between elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(Rc<str>);

impl Default for Name {
    fn default() -> Self {
        Self(Rc::from(""))
    }
}

impl std::ops::Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone)]
struct Attribute {
    name: Name,
    prefixed: bool,
    value: Box<str>,
}

/// What an element holds.
#[derive(Debug, Clone)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Characters.
    Text(String),
}

impl Element {
    /// The value of the attribute with that name, whatever its prefix.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|it| &*it.name == name).map(|it| &*it.value)
    }

    /// The value of the attribute with that name that has a prefix, as `r:id` beside `id`.
    #[must_use]
    pub fn prefixed_attr(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.prefixed && &*it.name == name).map(|it| &*it.value)
    }

    /// The attribute as a number.
    #[must_use]
    pub fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.attr(name)?.trim().parse().ok()
    }

    /// The elements right in it.
    pub fn elements(&self) -> impl DoubleEndedIterator<Item = &Element> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of that name right in it.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|it| &*it.name == name)
    }

    /// The element at the end of a path of names.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The first element of that name anywhere in it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Element> {
        self.elements().find_map(|it| if &*it.name == name { Some(it) } else { it.find(name) })
    }

    /// All characters in it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.add_text(&mut text);
        text
    }

    fn add_text(&self, text: &mut String) {
        for child in &self.children {
            match child {
                Node::Element(element) => element.add_text(text),
                Node::Text(piece) => text.push_str(piece),
            }
        }
    }
}

/// A piece of XML as it comes.
#[derive(Debug)]
pub enum Token<'a> {
    /// An element begins; its children are still to come.
    Start(Element),
    /// The innermost open element ends.
    End,
    /// Characters.
    Text(Cow<'a, str>),
    /// All is read.
    Done,
}

/// A reader of one part.
pub struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    rules: Rules,
    open: Vec<Name>,
    deepest: usize,
    /// How many ends are to be told before the next event.
    ends: usize,
    names: HashMap<Box<str>, Name>,
    fault: Option<XmlFault>,
}

impl<'a> Xml<'a> {
    /// Reads `text`.
    #[must_use]
    pub fn new(text: &'a str, rules: Rules, limits: &DocumentLimits) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        if rules == Rules::Book {
            config.check_end_names = false;
            config.allow_unmatched_ends = true;
            config.allow_dangling_amp = true;
        }
        Self {
            reader,
            rules,
            open: Vec::new(),
            deepest: limits.xml_depth as usize,
            ends: 0,
            names: HashMap::new(),
            fault: None,
        }
    }

    /// How many elements are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The next piece.
    ///
    /// # Errors
    /// At a fault, and from then on always.
    #[expect(clippy::should_implement_trait, reason = "an iterator would go on after a fault")]
    pub fn next(&mut self) -> Result<Token<'a>, XmlFault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        self.advance().inspect_err(|fault| self.fault = Some(fault.clone()))
    }

    fn advance(&mut self) -> Result<Token<'a>, XmlFault> {
        loop {
            if self.ends > 0 {
                self.ends -= 1;
                self.open.pop();
                return Ok(Token::End);
            }
            let event = self.reader.read_event().map_err(|error| XmlFault::Malformed(error.to_string()))?;
            match event {
                Event::Start(start) => {
                    let element = self.enter(&start)?;
                    if self.rules == Rules::Book && VOID.contains(&&*element.name) {
                        self.ends = 1;
                    }
                    return Ok(Token::Start(element));
                }
                Event::Empty(start) => {
                    let element = self.enter(&start)?;
                    self.ends = 1;
                    return Ok(Token::Start(element));
                }
                Event::End(end) => self.ends = self.ended_by(end.local_name().as_ref()),
                Event::Text(text) => return Ok(Token::Text(characters(text.xml10_content()))),
                Event::CData(text) => return Ok(Token::Text(characters(text.xml10_content()))),
                Event::GeneralRef(reference) => return Ok(Token::Text(self.referred(&reference))),
                Event::DocType(doctype) => {
                    if self.rules == Rules::Strict || doctype.contains(&b'[') {
                        return Err(XmlFault::Doctype);
                    }
                }
                Event::Eof if self.open.is_empty() => return Ok(Token::Done),
                Event::Eof if self.rules == Rules::Book => self.ends = self.open.len(),
                Event::Eof => return Err(XmlFault::Malformed("it is cut off".to_owned())),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    /// The whole element that `start` begins. After a fault: what there was until then.
    #[must_use]
    pub fn element(&mut self, start: Element) -> Element {
        let mut stack = vec![start];
        let mut nodes = 0;
        while let Ok(token) = self.next() {
            match token {
                Token::Start(element) => {
                    nodes += 1 + element.attributes.len();
                    stack.push(element);
                    if nodes > TREE_NODES {
                        self.fault = Some(XmlFault::TooLarge);
                    }
                }
                Token::End => {
                    if stack.len() == 1 {
                        break;
                    }
                    close(&mut stack);
                }
                Token::Text(text) => {
                    if let Some(parent) = stack.last_mut() {
                        nodes += usize::from(add_text(parent, &text));
                    }
                }
                Token::Done => break,
            }
        }
        while stack.len() > 1 {
            close(&mut stack);
        }
        stack.pop().unwrap_or_default()
    }

    /// Passes over the rest of the innermost open element.
    pub fn skip(&mut self) {
        let depth = self.open.len();
        while let Ok(token) = self.next() {
            if matches!(token, Token::Done) || self.open.len() < depth {
                break;
            }
        }
    }

    /// The root element with all that is in it, and the fault that cut it short.
    #[must_use]
    pub fn tree(mut self) -> (Element, Option<XmlFault>) {
        loop {
            match self.next() {
                Ok(Token::Start(start)) => {
                    let root = self.element(start);
                    return (root, self.fault);
                }
                Ok(Token::Done) | Err(_) => return (Element::default(), self.fault),
                Ok(_) => {}
            }
        }
    }

    fn enter(&mut self, start: &BytesStart<'_>) -> Result<Element, XmlFault> {
        if self.open.len() >= self.deepest {
            return Err(XmlFault::TooDeep);
        }
        let name = self.shared(start.local_name().as_ref());
        let mut attributes = Vec::new();
        for attribute in start.html_attributes().with_checks(false).flatten() {
            let value = String::from_utf8_lossy(&attribute.value);
            let value = unescape_with(&value, |entity| self.resolved(entity))
                .map_or_else(|_| Box::from(&*value), |it| Box::from(&*it));
            let prefixed = attribute.key.prefix().is_some();
            attributes.push(Attribute {
                name: self.shared(attribute.key.local_name().as_ref()),
                prefixed,
                value,
            });
            if attributes.len() > TREE_NODES {
                return Err(XmlFault::TooLarge);
            }
        }
        self.open.push(name.clone());
        Ok(Element { name, attributes, children: Vec::new() })
    }

    /// How many open elements the end of `name` ends.
    fn ended_by(&self, name: &[u8]) -> usize {
        if self.rules == Rules::Strict {
            return 1;
        }
        let place = self.open.iter().rev().position(|open| open.as_bytes().eq_ignore_ascii_case(name));
        place.map_or(0, |above| above + 1)
    }

    fn shared(&mut self, name: &[u8]) -> Name {
        let text = String::from_utf8_lossy(name);
        if let Some(name) = self.names.get(&*text) {
            return name.clone();
        }
        let spelled = if self.rules == Rules::Book { text.to_ascii_lowercase() } else { text.to_string() };
        let name = Name(Rc::from(spelled));
        if self.names.len() < SHARED_NAMES {
            self.names.insert(Box::from(&*text), name.clone());
        }
        name
    }

    fn resolved(&self, entity: &str) -> Option<&'static str> {
        match self.rules {
            Rules::Strict => resolve_xml_entity(entity),
            Rules::Book => resolve_predefined_entity(entity),
        }
    }

    /// What a reference stands for; an unknown entity stays as it is written.
    fn referred(&self, reference: &BytesRef<'_>) -> Cow<'a, str> {
        if let Ok(Some(character)) = reference.resolve_char_ref() {
            return Cow::Owned(character.to_string());
        }
        let name = String::from_utf8_lossy(reference);
        match self.resolved(&name) {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(format!("&{name};")),
        }
    }
}

fn characters<'a>(content: Result<Cow<'a, str>, quick_xml::encoding::EncodingError>) -> Cow<'a, str> {
    content.unwrap_or_default()
}

/// Adds characters to an element; whether that made a node.
fn add_text(parent: &mut Element, text: &str) -> bool {
    if let Some(Node::Text(last)) = parent.children.last_mut() {
        last.push_str(text);
        return false;
    }
    parent.children.push(Node::Text(text.to_owned()));
    true
}

/// Moves the innermost element into the one around it. Of alternatives (`mc:AlternateContent`) only the first is taken, and
/// it stands where they stood, so that no reader meets the same content twice.
fn close(stack: &mut Vec<Element>) {
    let Some(element) = stack.pop() else { return };
    let Some(parent) = stack.last_mut() else { return };
    if &*element.name != "AlternateContent" {
        parent.children.push(Node::Element(element));
        return;
    }
    let mut alternatives = element.children.into_iter().filter_map(|child| match child {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    });
    if let Some(first) = alternatives.next() {
        parent.children.extend(first.children);
    }
}

/// The characters of a part, by its byte order mark or what its declaration says; what is not valid is replaced.
#[must_use]
pub fn decoded(bytes: Vec<u8>) -> String {
    let declared = declared_encoding(&bytes);
    let encoding = encoding_rs::Encoding::for_bom(&bytes).map(|(encoding, _)| encoding).or(declared);
    if encoding.is_none_or(|encoding| encoding == encoding_rs::UTF_8) {
        let without_mark = bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes);
        return String::from_utf8(without_mark)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    }
    encoding.unwrap_or(encoding_rs::UTF_8).decode(&bytes).0.into_owned()
}

fn declared_encoding(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match bytes {
        [b'<', 0, ..] => return Some(encoding_rs::UTF_16LE),
        [0, b'<', ..] => return Some(encoding_rs::UTF_16BE),
        _ => {}
    }
    let head = bytes.get(..bytes.len().min(200))?;
    let head = std::str::from_utf8(head.split(|byte| *byte == b'>').next()?).ok()?;
    let (_, after) = head.strip_prefix("<?xml")?.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    let label = value.get(1..)?.split(quote).next()?;
    encoding_rs::Encoding::for_label(label.as_bytes())
        .filter(|it| *it != encoding_rs::UTF_16LE && *it != encoding_rs::UTF_16BE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str, rules: Rules) -> (Element, Option<XmlFault>) {
        Xml::new(text, rules, &DocumentLimits::default()).tree()
    }

    #[test]
    fn references_to_characters_and_predefined_entities_are_resolved_and_no_others() {
        let (root, fault) = tree("<a b='&lt;&#233;'>&amp;&#xE3;&me;</a>", Rules::Strict);
        assert_eq!((root.attr("b"), root.text().as_str(), fault), (Some("<é"), "&ã&me;", None));
        assert_eq!(tree("<p>a&nbsp;b</p>", Rules::Book).0.text(), "a\u{a0}b");
    }

    #[test]
    fn a_dtd_is_refused_and_in_a_book_one_with_declarations() {
        let bomb = "<!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>";
        assert_eq!(tree(bomb, Rules::Strict).1, Some(XmlFault::Doctype));
        assert_eq!(tree(bomb, Rules::Book).1, Some(XmlFault::Doctype));
        assert_eq!(tree("<!DOCTYPE html><html>a</html>", Rules::Strict).1, Some(XmlFault::Doctype));
        assert_eq!(tree("<!DOCTYPE html><html>a</html>", Rules::Book).0.text(), "a");
    }

    #[test]
    fn depth_is_limited_and_what_came_before_is_kept() {
        let deep = format!("<r><a>before</a>{}", "<b>".repeat(100_000));
        let (root, fault) = tree(&deep, Rules::Strict);
        assert_eq!((root.child("a").unwrap().text().as_str(), fault), ("before", Some(XmlFault::TooDeep)));
    }

    #[test]
    fn a_part_that_is_cut_off_keeps_its_beginning() {
        let (root, fault) = tree("<r><a>one</a><a>tw", Rules::Strict);
        assert_eq!(root.text(), "onetw");
        assert!(matches!(fault, Some(XmlFault::Malformed(_))));
    }

    #[test]
    fn of_alternatives_the_first_stands_where_they_stood() {
        let text = "<r><mc:AlternateContent><mc:Choice><x>1</x></mc:Choice><mc:Fallback><x>2</x></mc:Fallback>\
                    </mc:AlternateContent></r>";
        let (root, _) = tree(text, Rules::Strict);
        assert_eq!(root.child("x").unwrap().text(), "1");
        assert_eq!(root.text(), "1");
    }

    #[test]
    fn a_book_may_miss_ends_and_leave_void_elements_open() {
        let (root, fault) = tree("<html><body><p>a<br>b<i>c</p><p>d</body></html>", Rules::Book);
        assert_eq!(fault, None);
        let body = root.child("body").unwrap();
        assert_eq!(body.elements().map(Element::text).collect::<Vec<_>>(), ["abc", "d"]);
    }

    #[test]
    fn the_encoding_is_found_by_mark_declaration_or_zeros() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe7</a>".to_vec();
        assert!(decoded(latin).ends_with("<a>ç</a>"));
        let utf16 = "<a>ç</a>".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        assert_eq!(decoded(utf16), "<a>ç</a>");
        assert_eq!(decoded(b"\xef\xbb\xbf<a/>".to_vec()), "<a/>");
    }
}
