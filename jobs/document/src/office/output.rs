//! What has a document given so far, and what may it still give?

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Block, Page, PageKind, Warning};
use super::super::sink::{Flow, PageSink};

/// The way of pages to the sink, with the limits that hold for the document as a whole.
pub struct Output<'a> {
    /// What the operator allows.
    pub limits: &'a DocumentLimits,
    sink: &'a mut dyn PageSink,
    text_left: u64,
    cells_left: u64,
    given: u32,
    is_truncated: bool,
    /// A limit of the document is reached: the page that is being read is the last one.
    is_full: bool,
    is_done: bool,
}

impl<'a> Output<'a> {
    pub fn new(limits: &'a DocumentLimits, sink: &'a mut dyn PageSink) -> Self {
        Self {
            limits,
            sink,
            text_left: limits.text_bytes,
            cells_left: limits.cells,
            given: 0,
            is_truncated: false,
            is_full: false,
            is_done: false,
        }
    }

    /// Tells how many pages there will be.
    pub fn expect_pages(&mut self, count: usize) {
        self.sink.expect_pages(u32::try_from(count).unwrap_or(u32::MAX).min(self.limits.pages));
    }

    /// The number of the page that comes next.
    pub fn next_number(&self) -> u32 {
        self.given.saturating_add(1)
    }

    /// Whether the page that comes next was asked for.
    pub fn wants_next(&self) -> bool {
        !self.is_done && self.sink.wants(self.next_number())
    }

    /// Whether nothing more is wanted, or may be given, beyond the page that is being read.
    pub fn is_done(&self) -> bool {
        self.is_done || self.is_full
    }

    /// Gives the next page, or leaves it out when it was not asked for.
    pub fn page(
        &mut self,
        kind: PageKind,
        name: Option<String>,
        blocks: Vec<Block>,
    ) -> Result<(), ReadError> {
        self.sized_page(kind, name, None, blocks)
    }

    /// As `page`, of a page with a size in points.
    pub fn sized_page(
        &mut self,
        kind: PageKind,
        name: Option<String>,
        size: Option<(f32, f32)>,
        blocks: Vec<Block>,
    ) -> Result<(), ReadError> {
        if self.is_done {
            return Ok(());
        }
        if self.given >= self.limits.pages {
            self.truncate(&format!("only the first {} pages are read", self.limits.pages));
            self.is_done = true;
            return Ok(());
        }
        let wanted = self.wants_next();
        self.given += 1;
        if wanted {
            let (width, height) = size.unzip();
            let page = Page { number: self.given, kind, name, width, height, blocks, ..Page::default() };
            self.is_done = self.sink.page(page)? == Flow::Enough;
        }
        Ok(())
    }

    /// Takes `bytes` from what the text may have; no means: leave it out.
    pub fn text_fits(&mut self, bytes: usize) -> bool {
        let left = self.text_left.checked_sub(bytes as u64);
        self.text_left = left.unwrap_or_default();
        if left.is_none() {
            self.fill("the text is longer than allowed");
        }
        left.is_some()
    }

    /// Takes one from the cells that may be read; no means: leave it out.
    pub fn cell_fits(&mut self) -> bool {
        if self.cells_left == 0 {
            self.fill("the document has more cells than allowed");
            return false;
        }
        self.cells_left -= 1;
        true
    }

    /// Ends the document after the page that is being read, because a limit is reached.
    pub fn fill(&mut self, why: &str) {
        self.is_full = true;
        self.truncate(why);
    }

    /// Warns, once, that the rest is left out.
    pub fn truncate(&mut self, why: &str) {
        if !self.is_truncated {
            self.is_truncated = true;
            self.lose("truncated", why);
        }
    }

    /// Warns about the page that comes next.
    pub fn warn(&mut self, code: &str, message: &str) {
        let page = Some(self.next_number());
        self.sink.warn(Warning { page, ..Warning::new(code, message) });
    }

    /// Warns about the page that comes next, or what belongs to it: something is missing.
    pub fn lose(&mut self, code: &str, message: &str) {
        let page = Some(self.next_number());
        self.sink.warn(Warning { page, ..Warning::new(code, message).with_loss() });
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::super::model::{Metadata, Page, Warning};
    use super::super::super::sink::{Inner, LetterField};
    use super::super::{OfficeFormat, read};
    use super::*;

    /// Keeps all it is given.
    #[derive(Default)]
    pub struct Kept {
        pub pages: Vec<Page>,
        pub warnings: Vec<Warning>,
    }

    impl PageSink for Kept {
        fn expect_pages(&mut self, _: u32) {}
        fn wants(&self, _: u32) -> bool {
            true
        }
        fn letterhead(&mut self, _: Vec<LetterField>) {}
        fn page(&mut self, page: Page) -> Result<Flow, ReadError> {
            self.pages.push(page);
            Ok(Flow::Go)
        }
        fn inner(&mut self, _: Inner) -> Result<Flow, ReadError> {
            Ok(Flow::Go)
        }
        fn warn(&mut self, warning: Warning) {
            self.warnings.push(warning);
        }
    }

    impl Kept {
        pub fn texts(&self) -> Vec<&str> {
            self.pages.iter().flat_map(|page| &page.blocks).map(|block| block.text.as_str()).collect()
        }

        pub fn warned(&self, code: &str) -> bool {
            self.warnings.iter().any(|warning| warning.code == code)
        }
    }

    /// Reads `path` with the default limits.
    pub fn kept(format: OfficeFormat, path: &std::path::Path) -> (Kept, Result<Metadata, ReadError>) {
        kept_within(format, path, &DocumentLimits::default())
    }

    pub fn kept_within(
        format: OfficeFormat,
        path: &std::path::Path,
        limits: &DocumentLimits,
    ) -> (Kept, Result<Metadata, ReadError>) {
        let mut kept = Kept::default();
        let result = read(format, path, limits, &mut kept);
        (kept, result)
    }

    #[test]
    fn pages_past_the_limit_are_left_out_with_a_warning() {
        let limits = DocumentLimits { pages: 1, ..DocumentLimits::default() };
        let mut kept = Kept::default();
        let mut output = Output::new(&limits, &mut kept);
        output.page(PageKind::Page, None, Vec::new()).unwrap();
        output.page(PageKind::Page, None, Vec::new()).unwrap();
        assert!(output.is_done());
        assert_eq!((kept.pages.len(), kept.warned("truncated")), (1, true));
    }
}
