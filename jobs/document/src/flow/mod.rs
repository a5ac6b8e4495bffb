//! Which format is this document in, and how are those read that flow: pages of the web, XML, Markdown, plain text,
//! values apart by commas, messages and bundles?
//!
//! [`detect()`] tells the format by its content, [`read()`] reads those of this module, [`language()`] tells in which
//! language a text is.

mod bundle;
mod charset;
mod csv;
mod detect;
mod dialect;
mod front;
mod gather;
mod grid;
pub mod html;
mod inline;
mod language;
mod letter;
mod mail;
mod markdown;
mod msg;
mod number;
mod rows;
mod text;
mod xml;

use super::error::ReadError;
use super::format::Format;
use super::limits::DocumentLimits;
use super::model::{Metadata, Warning};
use super::sink::PageSink;
#[cfg(feature = "fuzzing")]
pub use charset::decode;
pub use detect::detect;
pub use language::language;

/// Reads a document in one of the formats of this module; its pages, and the documents inside it, go to `sink`.
///
/// # Errors
/// Where nothing of it can be read, for good; and where `sink` wants the work to stop.
pub fn read(
    format: Format,
    bytes: &[u8],
    limits: &DocumentLimits,
    sink: &mut dyn PageSink,
) -> Result<Metadata, ReadError> {
    match format {
        Format::Html => html::read(bytes, limits, sink),
        Format::Xml => xml::read(bytes, limits, sink),
        Format::Markdown => markdown::read(bytes, limits, sink),
        Format::Text => text::read(bytes, limits, sink),
        Format::Csv => csv::read(bytes, limits, sink),
        Format::Eml => mail::read(bytes, limits, sink),
        Format::Msg => msg::read(bytes, limits, sink),
        Format::Zip => bundle::read(bytes, limits, sink),
        other => Err(other.misplaced()),
    }
}

/// The warning that some bytes mean nothing in the charset of a text.
fn broken_letters(charset: &str) -> Warning {
    Warning::new("broken_letters", format!("some bytes mean nothing in {charset}; each is shown as \u{fffd}"))
}
