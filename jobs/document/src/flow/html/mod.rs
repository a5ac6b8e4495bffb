//! How is a page of the web read? `declared` tells its charset, `parse` makes a tree of it, `walk` goes through the tree
//! and makes blocks, with `table` for tables and `inline` for the text within a block.

mod declared;
mod dom;
mod form;
mod list;
mod markup;
mod meta;
mod names;
mod page;
mod parse;
mod seen;
mod table;
mod tables;
mod tree;
mod walk;
mod xhtml;

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Metadata, PageKind, Warning};
use super::super::sink::PageSink;
use super::charset::decode;
use super::gather::{self, Gather};
pub use declared::declared;
pub use meta::tag;

/// Reads a page of the web that is a document of its own.
pub fn read(bytes: &[u8], limits: &DocumentLimits, sink: &mut dyn PageSink) -> Result<Metadata, ReadError> {
    let decoded = decode(bytes, declared(bytes).as_deref());
    if decoded.lossy {
        sink.warn(super::broken_letters(decoded.charset));
    }
    let mut gather = Gather::new(limits);
    let (metadata, warnings) = read_into(&decoded.text, limits, &mut gather);
    warnings.into_iter().for_each(|warning| sink.warn(warning));
    gather::hand_over(PageKind::Page, None, gather, sink)?;
    Ok(metadata)
}

/// Reads a page of the web that is a part of a document: a message, a chapter of a book, a piece of Markdown. Its
/// blocks go into `gather`.
pub fn read_into(text: &str, limits: &DocumentLimits, gather: &mut Gather) -> (Metadata, Vec<Warning>) {
    let parsed = parse::parse(&xhtml::as_html(text), limits.html_depth);
    let tree = tree::Tree::new(&parsed.nodes);
    walk::walk(&page::Page::new(tree, limits.cells), 0, gather);
    let mut warnings = Vec::new();
    if parsed.too_deep {
        let message =
            format!("elements nested deeper than {} are taken for their text only", limits.html_depth);
        warnings.push(Warning::new("nested_too_deep", message));
    }
    if parsed.too_many {
        gather.note_loss();
    }
    (meta::read(tree), warnings)
}

#[cfg(test)]
mod tests;
