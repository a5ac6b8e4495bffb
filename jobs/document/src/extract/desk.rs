//! What happens to a page that was read? It is counted, completed, and written; and the limits are kept.

use std::time::Duration;

use esteira_engine::child::WorkDir;
use esteira_engine::child::protocol::LogLevel;
use esteira_engine::document::DocumentHead;
use esteira_engine::job::KindError;
use serde_json::{Value, json};

use super::super::clock::Deadline;
use super::super::error::ReadError;
use super::super::flow::language;
use super::super::input::{Input, Output};
use super::super::limits::DocumentLimits;
use super::super::model::{Block, BlockKind, Metadata, Page, Warning};
use super::super::sink::{Flow, Inner, LetterField, PageSink};
use super::super::write::{Places, Source, Summary, passage_text, tidy};
use super::numbers::Numbers;
use super::outcome::{MOST_WARNINGS, Outcome, PagesRead, told};
use super::outputs::Outputs;
use super::parts::{Kept, Part, Parts};
use super::warnings::Warnings;

/// Digits of a document's hash that tell it from others.
const HASH_IN_KEY: usize = 32;

/// Takes the pages of all readers of a job.
pub struct Desk<'a> {
    input: &'a Input,
    limits: &'a DocumentLimits,
    work: &'a mut WorkDir,
    outputs: Outputs,
    source: Source,
    warnings: Warnings,
    numbers: Numbers,
    text_bytes: u64,
    places: Places,
    letterhead: Vec<LetterField>,
    part: Option<Part>,
    parts: Parts,
    /// Pages that may still be read from their pictures, and those that were to be and could not.
    scans_left: u32,
    scans_unread: u32,
    /// Whether a picture of a page was made.
    drew: bool,
    until: Deadline,
    /// No more pages are taken: a limit of the whole is reached.
    is_full: bool,
    /// Why everything is to stop, which a reader cannot tell.
    failed: Option<KindError>,
}

impl<'a> Desk<'a> {
    /// A desk without a page.
    pub fn new(
        input: &'a Input,
        limits: &'a DocumentLimits,
        work: &'a mut WorkDir,
        outputs: Outputs,
        source: Source,
    ) -> Self {
        Self {
            input,
            limits,
            work,
            outputs,
            source,
            warnings: Warnings::default(),
            numbers: Numbers::default(),
            text_bytes: 0,
            places: Places::default(),
            letterhead: Vec::new(),
            part: None,
            parts: Parts::default(),
            scans_left: limits.ocr_pages,
            scans_unread: 0,
            drew: false,
            until: Deadline::of_process(Duration::from_secs(limits.seconds.into())),
            is_full: false,
            failed: None,
        }
    }

    /// What was asked.
    pub fn input(&self) -> &'a Input {
        self.input
    }

    /// The operator's settings.
    pub fn limits(&self) -> &'a DocumentLimits {
        self.limits
    }

    /// The job's directory.
    pub fn work(&mut self) -> &mut WorkDir {
        self.work
    }

    /// Pages of the documents before the present one.
    pub fn before(&self) -> u32 {
        self.numbers.before()
    }

    /// Whether the present document lies in another one.
    pub fn is_in_part(&self) -> bool {
        self.part.is_some()
    }

    /// Whether something was read.
    pub fn has_pages(&self) -> bool {
        self.numbers.has_any()
    }

    /// Under which key the text of a page's picture is kept. An address may give another document at another attempt.
    pub fn checkpoint_key(&self, page: u32) -> String {
        let hash = self.source.sha256.get(..HASH_IN_KEY).unwrap_or_default();
        format!("page-{page}-{hash}")
    }

    /// Lets a page be read from its picture, and gives it more time; no when as many as may be were read.
    pub fn allow_scan(&mut self) -> bool {
        let Some(left) = self.scans_left.checked_sub(1) else { return false };
        self.scans_left = left;
        self.until.extend(Duration::from_secs(self.limits.seconds_an_ocr_page.into()));
        true
    }

    /// Notes that a page was to be read from its picture, and nothing is installed that could.
    pub fn note_unread_scan(&mut self) {
        self.scans_unread += 1;
    }

    /// The pages up to `count` that are wanted, within the limit.
    pub fn wanted(&mut self, count: u32) -> Vec<u32> {
        self.expect_pages(count);
        let most = self.limits.pages as usize;
        let mut wanted: Vec<u32> = (1..=count).filter(|number| self.wants(*number)).take(most + 1).collect();
        if wanted.len() > most {
            wanted.pop();
            let message = format!("the document has more pages than the {most} that are read");
            self.warnings.add_once(Warning::new("too_many_pages", message).with_loss());
        }
        wanted
    }

    /// Writes the picture of a page.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn draw(&mut self, name: &str, media_type: &str, bytes: &[u8]) -> Result<(), ReadError> {
        self.drew = true;
        self.outputs.count().add(bytes.len());
        let written = self.work.write_artifact(name, media_type, bytes);
        self.or_stop(written)
    }

    /// Ends a file of pictures of pages.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish_drawn(&mut self, name: &str, media_type: &str) -> Result<(), ReadError> {
        self.drew = true;
        let told = self.work.finish_artifact(name, media_type);
        self.or_stop(told)
    }

    /// The value, or the reason why everything stops.
    ///
    /// # Errors
    /// That one, as readers pass it on.
    pub fn or_stop<T>(&mut self, result: Result<T, KindError>) -> Result<T, ReadError> {
        result.map_err(|error| {
            let told = ReadError::new("stopped", error.message.clone());
            self.failed = Some(error);
            told
        })
    }

    /// # Errors
    /// When the job is to stop.
    pub fn stopped(&mut self) -> Result<(), KindError> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// The next document that lies inside one. What comes now is of it.
    pub fn next_part(&mut self) -> Option<Part> {
        if self.is_full || self.is_late() {
            self.parts.tell_left(&mut self.warnings);
            return None;
        }
        let part = self.parts.next()?;
        self.numbers.begin_next();
        self.part = Some(part.clone());
        Some(part)
    }

    /// Ends all outputs, and tells what came of the job.
    ///
    /// # Errors
    /// When they cannot be written, or all that there is could not be read here.
    pub fn finish(mut self, mut metadata: Metadata) -> Result<Value, KindError> {
        self.tell_what_is_not_there();
        metadata.pages = metadata.pages.or(Some(self.numbers.own()));
        metadata.shorten();
        let source = &self.source;
        let title = metadata.title.clone();
        let file_name = self.work.file_name(&self.input.source).map(str::to_owned);
        let head = |summary: &Summary| DocumentHead {
            title: title.clone().or(file_name).unwrap_or_default(),
            language: summary.language.clone().or_else(|| metadata.language.clone()),
            metadata: told(&metadata, source),
            source: Some(self.input.source.clone()),
            pages: Some(summary.counts.pages),
            ..DocumentHead::default()
        };
        let left_out = self.outputs.tables_left_out();
        if left_out > 0 {
            let message = format!("{left_out} tables have no CSV file: a job has no more of them");
            self.warnings.add(Warning::new("too_many_tables", message).with_loss());
        }
        let truncated = self.warnings.has_loss();
        let written = self.outputs.finish(&metadata, self.warnings.into_all(), truncated, self.work, head)?;
        let counts = written.summary.counts;
        if self.scans_unread > 0 && counts.characters == 0 {
            let message = "none of the languages that were asked for is installed for the text recognition";
            return Err(KindError::fail("ocr_unavailable", message));
        }
        for warning in written.warnings.iter().take(MOST_WARNINGS) {
            let page = warning.page.map(|page| format!("page {page}: ")).unwrap_or_default();
            self.work.log(LogLevel::Warn, &format!("{page}{}", warning.message))?;
        }
        let outcome = Outcome {
            media_type: self.source.media_type,
            sha256: self.source.sha256,
            bytes: self.source.bytes,
            title,
            language: written.summary.language,
            usage: PagesRead { pages: counts.pages },
            counts,
            warnings: written.warnings.into_iter().take(MOST_WARNINGS).collect(),
            truncated,
        };
        self.work.progress(1.0, "done", "")?;
        Ok(serde_json::to_value(outcome).unwrap_or_else(|_| json!({})))
    }

    /// Warns where something was asked for that the document cannot give.
    fn tell_what_is_not_there(&mut self) {
        let drawn = [Output::Images, Output::Thumbnails, Output::SearchablePdf];
        if !self.drew && drawn.iter().any(|output| self.input.wants(*output)) {
            let message =
                "pictures and searchable PDFs are made of PDFs and pictures alone; this document gave none";
            self.warnings.add(Warning::new("nothing_drawn", message));
        }
        if !self.outputs.has_pages() && !self.input.pages.is_all() {
            let count = self.numbers.all();
            let message = format!("none of the document's {count} pages was asked for");
            self.warnings.add(Warning::new("no_page_asked_for", message));
        }
    }

    fn is_late(&self) -> bool {
        self.until.is_over()
    }

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

    fn take(&mut self, mut page: Page) -> Result<Flow, KindError> {
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

impl PageSink for Desk<'_> {
    fn expect_pages(&mut self, count: u32) {
        self.numbers.expect(count);
    }

    fn wants(&self, number: u32) -> bool {
        self.numbers.ask(number);
        self.input.pages.contains(self.numbers.in_whole(number))
    }

    fn letterhead(&mut self, fields: Vec<LetterField>) {
        self.letterhead = fields;
    }

    fn page(&mut self, page: Page) -> Result<Flow, ReadError> {
        let taken = self.take(page);
        self.or_stop(taken)
    }

    fn inner(&mut self, inner: Inner) -> Result<Flow, ReadError> {
        let going_on = self.work.check_stop();
        self.or_stop(going_on)?;
        if !self.input.attachments && !self.numbers.is_bundle() {
            return Ok(Flow::Enough);
        }
        let depth = self.part.as_ref().map_or(0, |part| part.depth) + 1;
        let kept = self.parts.keep(inner, depth, self.limits, self.work);
        match self.or_stop(kept)? {
            Kept::Yes => Ok(Flow::Go),
            Kept::Not(warning) => {
                self.warn(warning);
                Ok(Flow::Go)
            }
            Kept::Full(warning) => {
                self.warnings.add_once(warning);
                Ok(Flow::Enough)
            }
        }
    }

    fn warn(&mut self, mut warning: Warning) {
        warning.page = warning.page.map(|page| self.numbers.in_whole(page));
        if let Some(part) = &self.part {
            warning.message = format!("{}: {}", part.name, warning.message);
        }
        self.warnings.add(warning);
    }
}
