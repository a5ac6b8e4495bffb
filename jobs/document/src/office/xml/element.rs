//! What does an element of XML hold?

use std::rc::Rc;

/// An element with all that is in it.
#[derive(Debug, Clone, Default)]
pub struct Element {
    /// Its name without the prefix.
    pub name: Name,
    pub(super) attributes: Vec<Attribute>,
    /// What is in it.
    pub children: Vec<Node>,
}

/// A name that is shared between elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(pub(super) Rc<str>);

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

/// An attribute, its references resolved.
#[derive(Debug, Clone)]
pub struct Attribute {
    pub(super) name: Name,
    pub(super) prefixed: bool,
    pub(super) value: Box<str>,
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
