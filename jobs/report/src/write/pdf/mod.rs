//! `report.pdf`: set by Typst, from a source that is the program's own or the tenant's.
//!
//! Data never become source: they lie in files that the source reads, and come out as values.

mod data;
mod fonts;
mod page;
mod press;
mod template;

pub use page::pdf;
pub use template::template;
