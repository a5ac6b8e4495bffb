//! How are tables of a page found? By what is drawn first, then by how text stands.
//!
//! [`drawn`] takes grids and what lies between rules out of a page, before its columns are looked for; `flow` finds the
//! tables that are left in each column. Both end in a `draft`: lines in the cells of a `grid`.

mod banded;
mod border;
mod columns;
mod draft;
mod drawing;
mod drawn;
mod flow;
mod grid;
mod look;
mod number;
mod refine;
mod rows;
mod rule;
mod sheet;

pub use draft::Found;
pub use drawing::Drawing;
pub use drawn::tables;
pub use flow::{Part, parts};
pub use rule::Rule;
pub use sheet::in_rows;
