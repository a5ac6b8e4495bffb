//! How is the tree of a page of the web looked at?

use html5ever::ns;

use super::dom::{Data, Id, NONE, Node};

/// A tree that is complete.
#[derive(Debug, Clone, Copy)]
pub struct Tree<'a> {
    nodes: &'a [Node],
}

/// A place on the way through a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// A node begins.
    Enter(Id),
    /// A node that was entered ends.
    Leave(Id),
}

impl<'a> Tree<'a> {
    /// Looks at `nodes`, of which the first is the document.
    pub fn new(nodes: &'a [Node]) -> Self {
        Self { nodes }
    }

    /// The name of an element, in lower case; nothing of others.
    pub fn name(self, id: Id) -> &'a str {
        match self.node(id).map(|node| &node.data) {
            Some(Data::Element(name, _)) => &name.local,
            _ => "",
        }
    }

    /// Whether it is an element of HTML, not of SVG or MathML.
    pub fn is_html(self, id: Id) -> bool {
        matches!(self.node(id).map(|node| &node.data), Some(Data::Element(name, _)) if name.ns == ns!(html))
    }

    /// The text of a node of text.
    pub fn text(self, id: Id) -> Option<&'a str> {
        match self.node(id).map(|node| &node.data) {
            Some(Data::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// An attribute of an element.
    pub fn attribute(self, id: Id, name: &str) -> Option<&'a str> {
        let Some(Data::Element(_, attributes)) = self.node(id).map(|node| &node.data) else { return None };
        attributes.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
    }

    /// The nodes right within another one.
    pub fn children(self, id: Id) -> impl Iterator<Item = Id> + 'a {
        let first = self.node(id).map_or(NONE, |node| node.first);
        std::iter::successors(Some(first), move |&id| self.node(id).map(|node| node.after))
            .take_while(|&id| id != NONE)
    }

    /// The node that it is in.
    pub fn parent(self, id: Id) -> Id {
        self.node(id).map_or(NONE, |node| node.parent)
    }

    /// The way through everything within `root`, and `root` itself. Needs no stack, however deep the tree is.
    pub fn next(self, root: Id, visit: Visit, descend: bool) -> Option<Visit> {
        let id = match visit {
            Visit::Enter(id) => {
                let first = self.node(id).map_or(NONE, |node| node.first);
                if descend {
                    return Some(if first == NONE { Visit::Leave(id) } else { Visit::Enter(first) });
                }
                id
            }
            Visit::Leave(id) => id,
        };
        if id == root {
            return None;
        }
        let node = self.node(id)?;
        match (node.after, node.parent) {
            (NONE, NONE) => None,
            (NONE, parent) => Some(Visit::Leave(parent)),
            (after, _) => Some(Visit::Enter(after)),
        }
    }

    /// Everything within `root`, in order, without what is within nodes that `skip` says.
    pub fn within(self, root: Id, skip: impl Fn(Id) -> bool + 'a) -> impl Iterator<Item = Id> + 'a {
        let mut visit = Some(Visit::Enter(root));
        std::iter::from_fn(move || {
            loop {
                let now = visit?;
                let descend = !matches!(now, Visit::Enter(id) if id != root && skip(id));
                visit = self.next(root, now, descend);
                if let Visit::Enter(id) = now {
                    return Some(id);
                }
            }
        })
    }

    /// All text within a node, as it stands there.
    pub fn all_text(self, id: Id) -> String {
        self.within(id, |_| false).filter_map(|id| self.text(id)).collect()
    }

    fn node(self, id: Id) -> Option<&'a Node> {
        self.nodes.get(id as usize)
    }
}
