//! What comes out of a document? Writers that take one page after the other and keep none of them.
//!
//! [`JsonWriter`] writes the whole model and [`schema`] publishes its form; [`MarkdownWriter`] and [`TextWriter`] write what
//! people and language models read; [`XlsxWriter`] and [`CsvWriter`] write the tables; [`passage_text`] is what is searched.
//! The same pages give the same bytes. [`tidy`] comes before all of them.

mod clean;
mod csv;
mod grid;
mod json;
mod markdown;
mod name;
mod number;
mod passage;
mod places;
mod running;
mod schema;
mod tally;
mod text;
mod tidy;
mod xlsx;

pub use csv::CsvWriter;
pub use json::{End, JsonWriter};
pub use markdown::MarkdownWriter;
pub use passage::passage_text;
pub use places::Places;
pub use schema::{Source, schema};
pub use tally::{Counts, Summary, Tally};
pub use text::TextWriter;
pub use tidy::tidy;
pub use xlsx::XlsxWriter;
