//! What has a document given so far, and what may it still give?

use super::super::clock::Clock;
use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Block, Page, PageKind, Warning};
use super::super::sink::{Flow, PageSink};

/// How many times its limit the text may be held on its way: that of a cell is in its blocks, in the cell, in the table, and
/// in the cell around that.
const HELD: u64 = 4;
/// What a mark costs beside its address.
const SPAN_COST: usize = 16;

/// The way of pages to the sink, with the limits that hold for the document as a whole.
pub struct Output<'a> {
    /// What the operator allows.
    pub limits: &'a DocumentLimits,
    sink: &'a mut dyn PageSink,
    text_left: u64,
    held_left: u64,
    cells_left: u64,
    clock: Clock,
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
            held_left: limits.text_bytes.saturating_mul(HELD),
            clock: Clock::new(limits),
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
        self.is_done || self.is_full || self.clock.is_over()
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

    /// Tells, once the document is read, when that ended because it took too long.
    pub fn finish(&mut self) {
        if self.clock.was_over() {
            self.fill(OUT_OF_TIME);
        }
    }

    /// Looks at the clock before a part is read; yes when the time is over.
    pub fn is_late(&self) -> bool {
        self.clock.is_late()
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

    /// Takes what `block` says and its marks from what the text may have; no means: leave it out.
    pub fn block_fits(&mut self, block: &Block) -> bool {
        self.text_fits(cost(block))
    }

    /// Takes what is gathered on the way, in a cell or a note, from what may be held; no means: leave it out.
    pub fn held_fits(&mut self, bytes: usize) -> bool {
        let left = self.held_left.checked_sub(bytes as u64);
        self.held_left = left.unwrap_or_default();
        if left.is_none() {
            self.fill("the document repeats more text than allowed");
        }
        left.is_some()
    }

    /// As `held_fits`, of a block.
    pub fn block_is_held(&mut self, block: &Block) -> bool {
        self.held_fits(cost(block))
    }

    /// No when the time is over: nothing more is read then, while what was read still counts and is given.
    fn goes_on(&mut self) -> bool {
        let is_over = self.clock.is_over();
        if is_over {
            self.fill(OUT_OF_TIME);
        }
        !is_over
    }

    /// Takes one from the cells that may be read; no means: leave it out.
    pub fn cell_fits(&mut self) -> bool {
        if self.cells_left == 0 {
            self.fill("the document has more cells than allowed");
            return false;
        }
        self.cells_left -= 1;
        self.goes_on()
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

/// Why a document that takes long ends.
const OUT_OF_TIME: &str = "the time for a document was over; the rest is left out";

/// What a block takes: its text, and its marks with where they lead.
fn cost(block: &Block) -> usize {
    let marks = block.spans.iter().map(|span| span.mark.bytes() + SPAN_COST);
    block.text.len() + marks.sum::<usize>()
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::super::format::Format;
    use super::super::super::model::{Mark, Metadata};
    use super::super::super::recorder::Recorder;
    use super::super::read;
    use super::*;

    /// Reads `path` with the default limits.
    pub fn kept(format: Format, path: &std::path::Path) -> (Recorder, Result<Metadata, ReadError>) {
        kept_within(format, path, &DocumentLimits::default())
    }

    pub fn kept_within(
        format: Format,
        path: &std::path::Path,
        limits: &DocumentLimits,
    ) -> (Recorder, Result<Metadata, ReadError>) {
        crate::seeds::keep_file(path);
        let mut kept = Recorder::default();
        let result = read(format, path, limits, &mut kept);
        (kept, result)
    }

    #[test]
    fn a_reader_that_takes_long_ends_with_the_page_that_it_is_at() {
        let limits = DocumentLimits { seconds: 0, ..DocumentLimits::default() };
        let mut kept = Recorder::default();
        let mut output = Output::new(&limits, &mut kept);
        assert!(!output.cell_fits() && output.is_done() && output.text_fits(1));
        output.page(PageKind::Page, None, Vec::new()).unwrap();
        assert_eq!((kept.pages.len(), kept.warned("truncated")), (1, true));
    }

    #[test]
    fn marks_count_as_text_does() {
        let limits = DocumentLimits { text_bytes: 100, ..DocumentLimits::default() };
        let mut kept = Recorder::default();
        let mut output = Output::new(&limits, &mut kept);
        let mark = Mark::Link { url: "x".repeat(40) };
        let spans = vec![super::super::super::model::Span { start: 0, end: 1, mark }];
        let block = Block { text: "x".to_owned(), spans, ..Block::default() };
        assert_eq!((output.block_fits(&block), output.block_fits(&block)), (true, false));
        assert!(output.held_fits(400) && !output.held_fits(1));
    }

    #[test]
    fn pages_past_the_limit_are_left_out_with_a_warning() {
        let limits = DocumentLimits { pages: 1, ..DocumentLimits::default() };
        let mut kept = Recorder::default();
        let mut output = Output::new(&limits, &mut kept);
        output.page(PageKind::Page, None, Vec::new()).unwrap();
        output.page(PageKind::Page, None, Vec::new()).unwrap();
        assert!(output.is_done());
        assert_eq!((kept.pages.len(), kept.warned("truncated")), (1, true));
    }
}
