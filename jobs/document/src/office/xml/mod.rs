//! How is XML read that may be made to harm?
//!
//! No entity is expanded but the predefined ones and character references, a DTD is refused, depth and size are bounded. Names
//! are those without their prefix. A fault is kept: what came before it can still be used.

mod decode;
mod element;
mod markup;
mod tree;

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, resolve_xml_entity, unescape_with};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
pub use decode::decoded;
use element::Attribute;
pub use element::{Element, Name, Node};
pub use markup::Place;

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
    pub fn token(&mut self) -> Result<Token<'a>, XmlFault> {
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

    /// Passes over the rest of the innermost open element.
    pub fn skip(&mut self) {
        let depth = self.open.len();
        while let Ok(token) = self.token() {
            if matches!(token, Token::Done) || self.open.len() < depth {
                break;
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
}
