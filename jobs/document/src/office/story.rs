//! How does text that flows become pages?

use super::super::error::ReadError;
use super::super::model::{Block, BlockKind, PageKind};
use super::output::Output;

/// More paragraphs than any text has; a million of them takes some 300 MiB.
const MOST_BLOCKS: usize = 1_000_000;

/// The blocks of a flowing text, gathered until a page is full.
pub struct Story<'o, 'a> {
    /// Where its pages go.
    pub out: &'o mut Output<'a>,
    blocks: Vec<Block>,
    notes: Vec<Block>,
    footers: Vec<Block>,
    /// Notes that stand at the end of all.
    end_notes: Vec<Block>,
    /// Whether the page was begun by an explicit break and has nothing on it yet.
    is_fresh: bool,
    /// How many blocks there were so far.
    count: usize,
    /// Page breaks that were met inside of a block that stays whole.
    pending: u32,
}

impl<'o, 'a> Story<'o, 'a> {
    pub fn new(out: &'o mut Output<'a>) -> Self {
        Self {
            out,
            blocks: Vec::new(),
            notes: Vec::new(),
            footers: Vec::new(),
            end_notes: Vec::new(),
            is_fresh: false,
            count: 0,
            pending: 0,
        }
    }

    /// Adds a block; lines of code that follow each other are one block.
    pub fn push(&mut self, block: Block) {
        if !self.out.block_fits(&block) {
            return;
        }
        self.is_fresh = false;
        self.count += 1;
        if self.count > MOST_BLOCKS {
            return self.out.fill("the document has more paragraphs than allowed");
        }
        if let (BlockKind::Code { code_language: None }, Some(last)) = (&block.kind, self.blocks.last_mut())
            && last.kind == block.kind
        {
            last.text.push('\n');
            last.text.push_str(&block.text);
            return;
        }
        self.blocks.push(block);
    }

    /// Adds a note or a comment; it stands at the end of the page.
    pub fn note(&mut self, block: Block) {
        if self.out.block_fits(&block) {
            self.notes.push(block);
        }
    }

    /// Adds a note that stands at the end of all.
    pub fn end_note(&mut self, block: Block) {
        if self.out.block_fits(&block) {
            self.end_notes.push(block);
        }
    }

    /// Adds a footer; it stands at the end of the page, after its notes.
    pub fn footer(&mut self, block: Block) {
        if self.out.block_fits(&block) {
            self.footers.push(block);
        }
    }

    /// Whether nothing has come so far.
    pub fn is_blank(&self) -> bool {
        self.blocks.is_empty() && self.notes.is_empty() && self.out.next_number() == 1
    }

    /// Whether nothing more is wanted.
    pub fn is_done(&self) -> bool {
        self.out.is_done()
    }

    /// The writer began a new page here.
    pub fn break_page(&mut self) -> Result<(), ReadError> {
        self.close()?;
        self.is_fresh = true;
        Ok(())
    }

    /// The program that saved the document began a new page here. After a writer's break it is the same page.
    pub fn break_rendered(&mut self) -> Result<(), ReadError> {
        if !self.is_fresh && !self.blocks.is_empty() {
            self.close()?;
        }
        self.is_fresh = false;
        Ok(())
    }

    /// A page ended inside the block that is being read.
    pub fn break_after_block(&mut self) {
        self.pending = self.pending.saturating_add(1);
    }

    /// Carries out the breaks inside of the block that was just added.
    pub fn settle_breaks(&mut self) -> Result<(), ReadError> {
        for _ in 0..std::mem::take(&mut self.pending) {
            if self.is_done() {
                break;
            }
            self.close()?;
        }
        Ok(())
    }

    /// Gives the last page; how many there were.
    pub fn finish(mut self) -> Result<u32, ReadError> {
        let notes = std::mem::take(&mut self.end_notes);
        self.notes.extend(notes);
        let is_empty = self.blocks.is_empty() && self.notes.is_empty() && self.footers.is_empty();
        if !is_empty || self.out.next_number() == 1 {
            self.close()?;
        }
        Ok(self.out.next_number().saturating_sub(1))
    }

    fn close(&mut self) -> Result<(), ReadError> {
        let mut blocks = std::mem::take(&mut self.blocks);
        blocks.append(&mut self.notes);
        blocks.append(&mut self.footers);
        self.out.page(PageKind::Page, None, blocks)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::limits::DocumentLimits;
    use super::super::super::recorder::Recorder;
    use super::super::lines::plain;
    use super::*;

    fn pages(tell: impl FnOnce(&mut Story<'_, '_>)) -> Vec<Vec<String>> {
        let (limits, mut kept) = (DocumentLimits::default(), Recorder::default());
        let mut output = Output::new(&limits, &mut kept);
        let mut story = Story::new(&mut output);
        tell(&mut story);
        story.finish().unwrap();
        kept.pages.iter().map(|page| page.blocks.iter().map(|it| it.text.clone()).collect()).collect()
    }

    #[test]
    fn a_rendered_break_after_an_explicit_one_is_the_same_page() {
        let pages = pages(|story| {
            story.push(plain(BlockKind::Paragraph, "one"));
            story.break_page().unwrap();
            story.break_rendered().unwrap();
            story.push(plain(BlockKind::Paragraph, "two"));
            story.break_rendered().unwrap();
            story.push(plain(BlockKind::Paragraph, "three"));
        });
        assert_eq!(pages, [["one"], ["two"], ["three"]]);
    }

    #[test]
    fn notes_end_their_page_and_end_notes_the_last_one() {
        let pages = pages(|story| {
            story.end_note(plain(BlockKind::Footnote, "end"));
            story.note(plain(BlockKind::Footnote, "note"));
            story.push(plain(BlockKind::Paragraph, "one"));
            story.break_page().unwrap();
            story.push(plain(BlockKind::Paragraph, "two"));
        });
        assert_eq!(pages, [["one", "note"], ["two", "end"]]);
    }

    #[test]
    fn lines_of_code_are_one_block() {
        let code = || BlockKind::Code { code_language: None };
        let pages = pages(|story| {
            story.push(plain(code(), "a"));
            story.push(plain(code(), "  b"));
        });
        assert_eq!(pages, [["a\n  b"]]);
    }
}
