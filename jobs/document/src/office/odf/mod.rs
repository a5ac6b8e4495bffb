//! Documents of OpenDocument.

mod cells;
mod flow;
mod inline;
mod lists;
mod objects;
mod package;
pub mod presentation;
pub mod spreadsheet;
mod styles;
mod tables;
pub mod text;

#[cfg(test)]
mod tests;
