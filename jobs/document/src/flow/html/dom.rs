//! Where does a page of the web stand while it is read? In one list of nodes, linked by their numbers.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, ExpandedName, QualName};

/// The number of a node; the document is 0.
pub type Id = u32;
/// No node.
pub const NONE: Id = Id::MAX;

/// A node.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub data: Data,
    /// The node that it is in.
    pub parent: Id,
    /// The node before it in the same parent.
    pub before: Id,
    /// The node after it in the same parent.
    pub after: Id,
    /// The first node in it.
    pub first: Id,
    /// The last node in it.
    pub last: Id,
    /// How deep it was when it was put in.
    depth: u32,
}

/// What a node is.
#[derive(Debug)]
pub enum Data {
    /// The document, or the content of a template.
    Root,
    /// An element with the attributes that matter.
    Element(Rc<QualName>, Vec<Attribute>),
    /// Text.
    Text(StrTendril),
    /// A comment, which nobody sees.
    Comment,
}

/// A node as the tree builder holds it: the name is at hand, since it is asked for all the time.
#[derive(Debug, Clone)]
pub struct Handle {
    id: Id,
    name: Option<Rc<QualName>>,
}

/// The nodes of a document while they come.
#[derive(Debug)]
pub struct Dom {
    nodes: RefCell<Vec<Node>>,
    /// How deep the element is that is open now.
    depth: Cell<u32>,
    /// How many nodes were made or moved.
    work: Cell<u64>,
    document_name: QualName,
}

impl Dom {
    /// An empty document.
    pub fn new() -> Self {
        let document_name = QualName::new(None, html5ever::ns!(), html5ever::local_name!(""));
        let dom =
            Self { nodes: RefCell::new(Vec::new()), depth: Cell::new(0), work: Cell::new(0), document_name };
        dom.add(Data::Root);
        dom
    }

    /// How deep the element is that is open now.
    pub fn depth(&self) -> u32 {
        self.depth.get()
    }

    /// How many nodes were made or moved.
    pub fn work(&self) -> u64 {
        self.work.get()
    }

    fn add(&self, data: Data) -> Id {
        self.work.set(self.work.get() + 1);
        let mut nodes = self.nodes.borrow_mut();
        let id = Id::try_from(nodes.len()).unwrap_or(NONE);
        let (parent, before, after, first, last) = (NONE, NONE, NONE, NONE, NONE);
        nodes.push(Node { data, parent, before, after, first, last, depth: 0 });
        id
    }

    fn handle(&self, data: Data) -> Handle {
        let name = if let Data::Element(name, _) = &data { Some(Rc::clone(name)) } else { None };
        Handle { id: self.add(data), name }
    }

    /// Puts `child` into `parent` before `after`, or last where that is none.
    fn put(&self, parent: Id, after: Id, child: NodeOrText<Handle>) {
        let before = {
            let nodes = self.nodes.borrow();
            let next = nodes.get(after as usize).map(|node| node.before);
            next.or(nodes.get(parent as usize).map(|node| node.last)).unwrap_or(NONE)
        };
        let id = match child {
            NodeOrText::AppendNode(handle) => {
                self.unlink(handle.id);
                handle.id
            }
            NodeOrText::AppendText(text) => {
                if let Some(Node { data: Data::Text(known), .. }) =
                    self.nodes.borrow_mut().get_mut(before as usize)
                {
                    known.push_tendril(&text);
                    return;
                }
                self.add(Data::Text(text))
            }
        };
        self.link(parent, before, after, id);
    }

    fn link(&self, parent: Id, before: Id, after: Id, id: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let depth = nodes.get(parent as usize).map_or(0, |node| node.depth).saturating_add(1);
        if let Some(node) = nodes.get_mut(id as usize) {
            (node.parent, node.before, node.after, node.depth) = (parent, before, after, depth);
            if matches!(node.data, Data::Element(..)) {
                self.depth.set(depth);
            }
        }
        if let Some(node) = nodes.get_mut(before as usize) {
            node.after = id;
        } else if let Some(node) = nodes.get_mut(parent as usize) {
            node.first = id;
        }
        if let Some(node) = nodes.get_mut(after as usize) {
            node.before = id;
        } else if let Some(node) = nodes.get_mut(parent as usize) {
            node.last = id;
        }
    }

    fn unlink(&self, id: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let Some(node) = nodes.get_mut(id as usize) else { return };
        let (parent, before, after) = (node.parent, node.before, node.after);
        if parent == NONE {
            return;
        }
        (node.parent, node.before, node.after) = (NONE, NONE, NONE);
        if let Some(node) = nodes.get_mut(before as usize) {
            node.after = after;
        } else if let Some(node) = nodes.get_mut(parent as usize) {
            node.first = after;
        }
        if let Some(node) = nodes.get_mut(after as usize) {
            node.before = before;
        } else if let Some(node) = nodes.get_mut(parent as usize) {
            node.last = before;
        }
    }

    fn get(&self, id: Id, what: fn(&Node) -> Id) -> Id {
        self.nodes.borrow().get(id as usize).map_or(NONE, what)
    }
}

impl TreeSink for Dom {
    type Handle = Handle;
    type Output = Vec<Node>;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Vec<Node> {
        self.nodes.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle { id: 0, name: None }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.as_deref().unwrap_or(&self.document_name).expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Handle {
        self.handle(Data::Element(Rc::new(name), attributes))
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.handle(Data::Comment)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.handle(Data::Comment)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.put(parent.id, NONE, child);
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        if self.get(element.id, |node| node.parent) == NONE {
            self.put(previous.id, NONE, child);
        } else {
            self.append_before_sibling(element, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn pop(&self, node: &Handle) {
        let depth = self.nodes.borrow().get(node.id as usize).map_or(0, |node| node.depth);
        self.depth.set(depth.saturating_sub(1));
    }

    /// What a template holds is not seen; it goes into a root of its own.
    fn get_template_contents(&self, _: &Handle) -> Handle {
        self.handle(Data::Root)
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.id == other.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(handle) = &child {
            self.unlink(handle.id);
        }
        let parent = self.get(sibling.id, |node| node.parent);
        if parent != NONE {
            self.put(parent, sibling.id, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        if let Some(Node { data: Data::Element(_, known), .. }) =
            self.nodes.borrow_mut().get_mut(target.id as usize)
        {
            for attribute in attributes {
                if known.iter().all(|other| other.name != attribute.name) {
                    known.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.unlink(target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        loop {
            let child = self.get(node.id, |node| node.first);
            if child == NONE {
                return;
            }
            self.work.set(self.work.get() + 1);
            self.unlink(child);
            let last = self.get(new_parent.id, |node| node.last);
            self.link(new_parent.id, last, NONE, child);
        }
    }
}
