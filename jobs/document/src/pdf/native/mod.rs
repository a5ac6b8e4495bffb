//! How is PDFium called? Through handles that keep its rules: everything is closed once, in the right order, on one thread.
//!
//! Only the files of this folder call it, and only they know that it is C.

mod annotation;
mod document;
mod library;
mod object;
mod page;
mod strings;
mod text;

pub use annotation::{Annotation, FieldKind};
pub use document::{Document, Refusal};
pub use library::Library;
pub use object::{ObjectKind, PageObject, PathPart};
pub use page::{OpenPage, PixelLayout};
pub use text::{CharBox, TextLayer};
