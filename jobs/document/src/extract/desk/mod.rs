//! Who takes what readers give? The desk of a job: it knows what was asked and what is still allowed.
//!
//! `take` completes a page and writes it, `end` tells what came of the whole.

mod end;
mod take;

use std::time::Duration;

use esteira_engine::child::WorkDir;
use esteira_engine::job::KindError;

use super::super::clock::Deadline;
use super::super::error::ReadError;
use super::super::input::Input;
use super::super::limits::DocumentLimits;
use super::super::model::{Page, Warning};
use super::super::sink::{Flow, Inner, LetterField, PageSink};
use super::super::write::{Places, Source};
use super::numbers::Numbers;
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
    /// Pages of the whole with pictures in them that were not read, and how many.
    pictures: Vec<(u32, usize)>,
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
            pictures: Vec::new(),
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

    fn is_late(&self) -> bool {
        self.until.is_over()
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
