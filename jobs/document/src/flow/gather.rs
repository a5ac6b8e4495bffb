//! How are blocks gathered without outgrowing the limit of text?

use super::super::clock::Clock;
use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Block, BlockKind, Page, PageKind, Warning};
use super::super::sink::PageSink;
use super::inline::SPAN_COST;

/// What a block costs beside its text, in bytes: a document of a million empty ones is a bomb too.
pub const BLOCK_COST: u64 = 64;

/// Blocks within a budget.
#[derive(Debug)]
pub struct Gather {
    blocks: Vec<Block>,
    left: u64,
    clock: Clock,
    /// Nothing more is taken.
    is_full: bool,
    /// Something was left out.
    truncated: bool,
}

impl Gather {
    /// Nothing yet, of a document with `limits`.
    pub fn new(limits: &DocumentLimits) -> Self {
        let clock = Clock::new(limits);
        Self { blocks: Vec::new(), left: limits.text_bytes, clock, is_full: false, truncated: false }
    }

    /// Nothing yet, of a part of which `room` bytes of text may be kept.
    pub fn with_room(room: usize) -> Self {
        let clock = Clock::never();
        Self { blocks: Vec::new(), left: room as u64, clock, is_full: false, truncated: false }
    }

    /// Takes `block`, or what of its text is within the budget; nothing more after that.
    pub fn push(&mut self, mut block: Block) {
        if self.is_full {
            return;
        }
        let marks: usize = block.spans.iter().map(|span| span.mark.bytes() + SPAN_COST).sum();
        let cost = BLOCK_COST + marks as u64;
        let room = self.left.saturating_sub(cost);
        if (block.text.len() as u64) > room {
            self.close();
            block.cut(usize::try_from(room).unwrap_or(usize::MAX));
            if block.text.is_empty() || matches!(block.kind, BlockKind::Table(_)) {
                return;
            }
        }
        self.left = room.saturating_sub(block.text.len() as u64);
        self.blocks.push(block);
    }

    /// Takes nothing more, and notes that something is left out.
    pub fn close(&mut self) {
        self.is_full = true;
        self.truncated = true;
    }

    /// Notes that something is left out.
    pub fn note_loss(&mut self) {
        self.truncated = true;
    }

    /// Whether nothing more is taken: the budget is spent, or the time is over.
    pub fn is_full(&self) -> bool {
        self.is_full || self.clock.is_over()
    }

    /// How many bytes of text are within the budget still.
    pub fn room(&self) -> usize {
        usize::try_from(self.left).unwrap_or(usize::MAX)
    }

    /// The blocks, and whether something was left out.
    pub fn finish(self) -> (Vec<Block>, bool) {
        (self.blocks, self.truncated || self.clock.was_over())
    }
}

/// Hands over the one page of a format without pages.
pub fn hand_over(
    kind: PageKind,
    name: Option<String>,
    gather: Gather,
    sink: &mut dyn PageSink,
) -> Result<(), ReadError> {
    let (blocks, truncated) = gather.finish();
    sink.expect_pages(1);
    if truncated {
        sink.warn(truncation("the document says more than the limits allow; the rest is left out"));
    }
    if sink.wants(1) {
        sink.page(Page { number: 1, kind, name, blocks, ..Page::default() })?;
    }
    Ok(())
}

/// The warning that something is left out.
pub fn truncation(message: &str) -> Warning {
    Warning::new("truncated", message).with_loss()
}

/// The longest beginning of `text` of at most `length` bytes.
pub fn prefix(text: &str, length: usize) -> &str {
    text.get(..text.floor_char_boundary(length)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::super::super::model::{Mark, Span};
    use super::*;

    fn paragraph(text: &str) -> Block {
        Block { text: text.to_owned(), ..Block::default() }
    }

    #[test]
    fn a_block_beyond_the_budget_is_cut_between_letters_and_ends_it() {
        let limits = DocumentLimits { text_bytes: 2 * BLOCK_COST + 8, ..DocumentLimits::default() };
        let mut gather = Gather::new(&limits);
        gather.push(paragraph("água"));
        gather.push(paragraph("ééé"));
        gather.push(paragraph("no more"));
        let (blocks, truncated) = gather.finish();
        let texts: Vec<_> = blocks.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(texts, ["água", "é"]);
        assert!(truncated);
    }

    #[test]
    fn no_more_is_taken_when_the_time_is_over() {
        let mut gather = Gather::new(&DocumentLimits { seconds: 0, ..DocumentLimits::default() });
        gather.push(paragraph("a"));
        assert!(gather.is_full());
        assert!(gather.finish().1);
    }

    #[test]
    fn marks_are_cut_with_their_text() {
        let mut block = paragraph("abcdef");
        block.spans = vec![
            Span { start: 1, end: 6, mark: Mark::Strong },
            Span { start: 4, end: 5, mark: Mark::Emphasis },
        ];
        block.cut(3);
        assert_eq!(block.spans, vec![Span { start: 1, end: 3, mark: Mark::Strong }]);
    }
}
