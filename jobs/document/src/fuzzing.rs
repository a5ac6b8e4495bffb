//! What do `fuzz/` and `examples/mutated` reach that nobody else should? Open with the feature `fuzzing` alone.

pub use super::error::ReadError;
pub use super::flow::{decode, detect, language, read as read_flow};
pub use super::format::{Format, Room};
pub use super::input::{check as check_input, read as read_input, settings};
pub use super::limits::DocumentLimits;
pub use super::model::{Block, BlockKind, Cell, Mark, Metadata, Page, Rect, Span, Table, Warning};
pub use super::ocr::ImageFile;
pub use super::office::fuzzing::shown;
pub use super::office::read as read_office;
pub use super::office::xml::{Rules, Token, Xml, decoded};
pub use super::pdf::fuzzing::page;
pub use super::pdf::{Detail, PdfFile};
pub use super::sink::{Flow, Inner, LetterField, PageSink};
pub use super::write::{
    CsvWriter, End, JsonWriter, MarkdownWriter, Source, Tally, TextWriter, XlsxWriter, passage_text, tidy,
};
