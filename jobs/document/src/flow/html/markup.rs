//! How is MathML in a page of the web looked at?

use super::super::super::formula::Markup;
use super::dom::Id;
use super::tree::Tree;

/// A place in the tree.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The tree.
    pub tree: Tree<'a>,
    /// The number of the node.
    pub id: Id,
}

impl Markup for Place<'_> {
    fn name(&self) -> &str {
        self.tree.name(self.id)
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.tree.attribute(self.id, name)
    }

    fn parts(&self) -> Vec<Self> {
        self.tree.children(self.id).map(|id| Self { id, ..*self }).collect()
    }

    fn characters(&self) -> String {
        self.tree.all_text(self.id)
    }
}
