//! What happens to a page that was read? It is counted, completed, and written; and the limits are kept.

use esteira_engine::job::KindError;

use super::super::super::flow::language;
use super::super::super::model::{Block, BlockKind, Page, TextSource, Warning};
use super::super::super::sink::{Flow, LetterField, PageSink};
use super::super::super::write::{passage_text, tidy};
use super::super::parts::Part;
use super::Desk;

impl Desk<'_> {
    /// Gives a page its number in the whole, a name, a language, and tidy numbers; tells its text.
    fn complete(&self, page: &mut Page) -> String {
        page.number = self.numbers.in_whole(page.number);
        if let Some(Part { name: part, .. }) = &self.part {
            page.name = Some(match &page.name {
                Some(name) if name != part => format!("{part}: {name}"),
                _ => part.clone(),
            });
        }
        tidy(page);
        let text = passage_text(page);
        if page.language.is_none() {
            page.language = language(&text).map(str::to_owned);
        }
        text
    }

    /// The document's own is its front; that of a message within it is what its page begins with.
    fn write_letterhead(&mut self, page: &mut Page) -> Result<(), KindError> {
        let fields = std::mem::take(&mut self.letterhead);
        if fields.is_empty() {
            return Ok(());
        }
        if self.part.is_none() {
            return self.outputs.letterhead(&fields);
        }
        let block = |field: LetterField| Block {
            kind: BlockKind::Field,
            text: format!("{}: {}", field.name, field.value),
            ..Block::default()
        };
        page.blocks.splice(..0, fields.into_iter().map(block));
        Ok(())
    }

    /// Takes a page; whether another one is wanted.
    pub(super) fn take(&mut self, mut page: Page) -> Result<Flow, KindError> {
        self.work.check_stop()?;
        self.numbers.take(page.number);
        if !self.wants(page.number) {
            return Ok(Flow::Go);
        }
        if self.is_full {
            return Ok(Flow::Enough);
        }
        let number = page.number;
        self.write_letterhead(&mut page)?;
        self.fit(&mut page);
        if self.places.fit(&mut page) {
            let message = "the tables have more empty places than are written; the rest of them is left out";
            self.warn(Warning::new("table_cut", message).of_page(number).with_loss());
        }
        let text = self.complete(&mut page);
        self.count_pictures(&page);
        self.outputs.page(&page, &text, self.work)?;
        let of = self.numbers.of(number);
        let message = match &self.part {
            Some(part) => format!("{}, page {number} of {of}", part.name),
            None => format!("page {number} of {of}"),
        };
        // The last step is the end of the files.
        self.work.progress(0.99 * f64::from(number) / f64::from(of.max(1)), "reading", &message)?;
        if self.outputs.count().bytes() > self.limits.output_bytes && !self.is_full {
            self.is_full = true;
            let message =
                format!("more than {} bytes came out; the rest is left out", self.limits.output_bytes);
            self.warn(Warning::new("too_much_output", message).of_page(number).with_loss());
        }
        // What is ready is not thrown away, however late it is.
        if self.is_late() && number < of && !self.is_full {
            self.is_full = true;
            let message = "the time for a document was over; the pages after this one were not read";
            self.warn(Warning::new("out_of_time", message).of_page(number).with_loss());
        }
        Ok(if self.is_full { Flow::Enough } else { Flow::Go })
    }

    /// A picture on a page that was not read from its picture may say something that nobody has read.
    fn count_pictures(&mut self, page: &Page) {
        let pictures = page.blocks.iter().filter(|block| block.kind == BlockKind::Figure).count();
        if pictures > 0 && page.source == TextSource::Text {
            self.pictures.push((page.number, pictures));
        }
    }

    /// Cuts a page to what may still be kept of the text.
    fn fit(&mut self, page: &mut Page) {
        let number = page.number;
        let mut left = self.limits.text_bytes.saturating_sub(self.text_bytes);
        let mut kept = page.blocks.len();
        for (at, block) in page.blocks.iter_mut().enumerate() {
            let bytes = block.text.len() as u64;
            if bytes > left {
                self.is_full = true;
                block.cut(usize::try_from(left).unwrap_or(usize::MAX));
                // A table has its text in its cells as well.
                let is_worth_it = !block.text.is_empty() && !matches!(block.kind, BlockKind::Table(_));
                kept = at + usize::from(is_worth_it);
                left = 0;
                break;
            }
            left -= bytes;
        }
        self.text_bytes = self.limits.text_bytes.saturating_sub(left);
        if self.is_full {
            page.blocks.truncate(kept);
            let message = format!("more than {} bytes of text; the rest is left out", self.limits.text_bytes);
            self.warn(Warning::new("too_much_text", message).of_page(number).with_loss());
        }
    }
}
