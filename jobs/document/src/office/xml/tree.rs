//! How do the pieces of XML become a tree?

use super::element::{Element, Node};
use super::{TREE_NODES, Token, Xml, XmlFault};

impl Xml<'_> {
    /// The whole element that `start` begins. After a fault: what there was until then.
    #[must_use]
    pub fn element(&mut self, start: Element) -> Element {
        let mut stack = vec![start];
        let mut nodes = 0;
        while let Ok(token) = self.token() {
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

    /// The root element with all that is in it, and the fault that cut it short.
    #[must_use]
    pub fn tree(mut self) -> (Element, Option<XmlFault>) {
        loop {
            match self.token() {
                Ok(Token::Start(start)) => {
                    let root = self.element(start);
                    return (root, self.fault);
                }
                Ok(Token::Done) | Err(_) => return (Element::default(), self.fault),
                Ok(_) => {}
            }
        }
    }
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
