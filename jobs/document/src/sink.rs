//! What does a reader of a format hand its pages to?

use super::error::ReadError;
use super::model::{Page, Warning};

/// Whether a reader is to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// More is wanted.
    Go,
    /// Enough: a limit is reached (the sink has warned already), or no later page is wanted. What was given so far stands.
    Enough,
}

/// A document inside another one: an attachment, a file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inner {
    /// Its file name as the outer document has it; never a path to anything.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A field over a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterField {
    /// Its name: `From`.
    pub name: &'static str,
    /// What it says, in one line.
    pub value: String,
}

/// Takes pages as they are read.
pub trait PageSink {
    /// How many pages there will be, where the reader knows it before the first.
    fn expect_pages(&mut self, count: u32);

    /// Whether page `number` (from 1 on) was asked for.
    fn wants(&self, number: u32) -> bool;

    /// Takes what stands over a message, before its page: the fields, each with its value.
    fn letterhead(&mut self, fields: Vec<LetterField>);

    /// Takes a page; in the order of their numbers.
    ///
    /// # Errors
    /// When the work is to stop at once.
    fn page(&mut self, page: Page) -> Result<Flow, ReadError>;

    /// Takes a document inside this one, to be read as a document of its own after it.
    ///
    /// # Errors
    /// When the work is to stop at once.
    fn inner(&mut self, inner: Inner) -> Result<Flow, ReadError>;

    /// Takes a warning.
    fn warn(&mut self, warning: Warning);
}
