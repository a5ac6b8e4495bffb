//! How does `document.md` look? GitHub's Markdown (CommonMark with tables, strikes and alerts), a page after the other.
//!
//! What the text says is what a reader of the Markdown sees: marks that it holds by chance are escaped, and only those.

mod address;
mod block;
mod escape;
mod inline;
mod link;
mod list;
mod spans;
mod table;
mod writer;

pub use writer::MarkdownWriter;
