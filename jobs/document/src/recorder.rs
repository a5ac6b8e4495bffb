//! What did a reader hand over? A sink for tests.

use super::error::ReadError;
use super::model::{Block, Page, Warning};
use super::sink::{Flow, Inner, LetterField, PageSink};

/// Keeps everything.
#[derive(Debug, Default)]
pub struct Recorder {
    /// What stands over the message.
    pub letterhead: Vec<LetterField>,
    /// The pages.
    pub pages: Vec<Page>,
    /// The documents inside.
    pub inner: Vec<Inner>,
    /// The warnings.
    pub warnings: Vec<Warning>,
}

impl Recorder {
    /// The blocks of all pages.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.pages.iter().flat_map(|page| &page.blocks)
    }

    /// The texts of all blocks.
    pub fn texts(&self) -> Vec<&str> {
        self.blocks().map(|block| block.text.as_str()).collect()
    }

    /// What stands over the message, a line a field.
    pub fn head(&self) -> Vec<String> {
        self.letterhead.iter().map(|field| format!("{}: {}", field.name, field.value)).collect()
    }

    /// Whether there is a warning with that code.
    pub fn warned(&self, code: &str) -> bool {
        self.codes().contains(&code)
    }

    /// The codes of all warnings.
    pub fn codes(&self) -> Vec<&str> {
        self.warnings.iter().map(|warning| warning.code.as_str()).collect()
    }
}

impl PageSink for Recorder {
    fn expect_pages(&mut self, _: u32) {}

    fn wants(&self, _: u32) -> bool {
        true
    }

    fn letterhead(&mut self, fields: Vec<LetterField>) {
        self.letterhead = fields;
    }

    fn page(&mut self, page: Page) -> Result<Flow, ReadError> {
        self.pages.push(page);
        Ok(Flow::Go)
    }

    fn inner(&mut self, inner: Inner) -> Result<Flow, ReadError> {
        self.inner.push(inner);
        Ok(Flow::Go)
    }

    fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }
}
