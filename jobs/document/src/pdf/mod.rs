//! How is a PDF read? With PDFium for what stands where, and with what follows for what it means.
//!
//! The way of a page: `native` calls PDFium; `glyph` reads characters, `word` and `row` join them, `shape` reads what is
//! drawn: together the `content`. `survey` knows the document as a whole. Then `page` takes `furniture` off and [`table`]s
//! out, `zone` puts columns in order, and `block` tells headings, paragraphs, lists, code and footnotes apart.

mod block;
mod bomb;
mod code;
mod content;
mod file;
mod furniture;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod geometry;
mod glyph;
mod line;
mod list;
mod meaning;
mod metadata;
mod native;
mod notes;
mod page;
mod paragraph;
mod picture;
mod prose;
mod row;
mod script;
mod shape;
mod style;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod word;
#[cfg(test)]
mod writer;
mod zone;

pub use file::{Detail, Embedded, PdfFile, PdfPage, Scale};
pub use native::PixelLayout;
pub use picture::PictureShare;
