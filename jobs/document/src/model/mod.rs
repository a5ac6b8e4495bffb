//! What is a document, once it is read? Pages of blocks in reading order.
//!
//! Lengths are in points (1/72 inch) from the top left corner of the page as a reader sees it, rotation applied; in an image
//! without a resolution, a pixel is a point. Offsets into texts are in bytes of UTF-8.

mod block;
mod mark;
mod metadata;
mod page;
mod table;
mod warning;

pub use block::{Block, BlockKind, Word};
pub use mark::{Mark, Span};
pub use metadata::Metadata;
pub use page::{Page, PageKind, Rect, TextSource};
pub use table::{Cell, Table};
pub use warning::Warning;
