//! What happens to a page that was read? It is counted, completed, and written; and the limits are kept.

use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use esteira_engine::child::WorkDir;
use esteira_engine::child::protocol::LogLevel;
use esteira_engine::document::DocumentHead;
use esteira_engine::job::KindError;
use serde_json::{Map, Value, json};

use super::super::error::ReadError;
use super::super::flow::language;
use super::super::input::Input;
use super::super::limits::DocumentLimits;
use super::super::model::{Block, BlockKind, Metadata, Page, Warning};
use super::super::sink::{Flow, Inner, LetterField, PageSink};
use super::super::write::{Source, Summary, passage_text, tidy};
use super::outcome::{MOST_WARNINGS, Outcome, PagesRead};
use super::outputs::Outputs;
use super::storage;

/// Warnings that are kept; a document that gives cause for more is told so.
const WARNINGS_KEPT: usize = 1_000;

/// A document inside another one, as a file of the work directory.
pub struct Part {
    /// Its name, which a reader sees.
    pub name: String,
    /// Its bytes.
    pub path: PathBuf,
    depth: u32,
}

/// Takes the pages of all readers of a job.
pub struct Desk<'a> {
    input: &'a Input,
    limits: &'a DocumentLimits,
    work: &'a mut WorkDir,
    outputs: Outputs,
    warnings: Vec<Warning>,
    truncated: bool,
    /// Pages of the documents before the present one.
    before: u32,
    /// The last page of the present one that was seen.
    last: u32,
    expected: Option<u32>,
    text_bytes: u64,
    part: Option<(String, u32)>,
    letterhead: Vec<LetterField>,
    parts: VecDeque<Part>,
    parts_made: usize,
    parts_bytes: u64,
    until: Instant,
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
    ) -> Self {
        Self {
            input,
            limits,
            work,
            outputs,
            warnings: Vec::new(),
            truncated: false,
            before: 0,
            last: 0,
            expected: None,
            text_bytes: 0,
            part: None,
            letterhead: Vec::new(),
            parts: VecDeque::new(),
            parts_made: 0,
            parts_bytes: 0,
            until: Instant::now() + Duration::from_secs(limits.seconds.into()),
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
        self.before
    }

    /// Whether the present document lies in another one.
    pub fn is_in_part(&self) -> bool {
        self.part.is_some()
    }

    /// Whether something was read.
    pub fn has_pages(&self) -> bool {
        self.before + self.last > 0
    }

    /// There will be less than there is in the document.
    pub fn truncate(&mut self) {
        self.truncated = true;
    }

    /// More time, for pages that are read from their pictures.
    pub fn allow(&mut self, seconds: u32) {
        self.until += Duration::from_secs(seconds.into());
    }

    /// The pages up to `count` that are wanted, within the limit.
    pub fn wanted(&mut self, count: u32) -> Vec<u32> {
        self.expect_pages(count);
        let wanted = (1..=count).filter(|number| self.wants(*number));
        let mut wanted: Vec<u32> = wanted.take(self.limits.pages as usize + 1).collect();
        if wanted.len() > self.limits.pages as usize {
            wanted.pop();
            self.too_much(
                "too_many_pages",
                format!("the document has more pages than the {} that are read", self.limits.pages),
            );
        }
        wanted
    }

    /// Writes a small artifact.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn artifact(&mut self, name: &str, media_type: &str, bytes: &[u8]) -> Result<(), ReadError> {
        let written = self.work.write_artifact(name, media_type, bytes);
        self.or_stop(written)
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

    /// The next document that lies inside one.
    pub fn next_part(&mut self) -> Option<Part> {
        if self.truncated && self.is_late() {
            return None;
        }
        self.parts.pop_front()
    }

    /// What comes now is of a part.
    pub fn begin_part(&mut self, part: &Part) {
        self.before += self.last;
        self.last = 0;
        self.expected = None;
        self.part = Some((part.name.clone(), part.depth));
    }

    /// Ends all outputs, and tells what came of the job.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn finish(mut self, source: Source, mut metadata: Metadata) -> Result<Value, KindError> {
        if metadata.pages.is_none() {
            metadata.pages = Some(self.last.max(self.before));
        }
        let title = metadata.title.clone();
        let file_name = self.work.file_name(&self.input.source).map(str::to_owned);
        let head = |summary: &Summary| DocumentHead {
            title: title.clone().or(file_name).unwrap_or_default(),
            language: summary.language.clone().or_else(|| metadata.language.clone()),
            metadata: told(&metadata, &source),
            source: Some(self.input.source.clone()),
            pages: Some(summary.counts.pages),
            ..DocumentHead::default()
        };
        let warnings = std::mem::take(&mut self.warnings);
        let written = self.outputs.finish(&metadata, warnings, self.truncated, self.work, head)?;
        for warning in written.warnings.iter().take(MOST_WARNINGS) {
            let page = warning.page.map(|page| format!("page {page}: ")).unwrap_or_default();
            self.work.log(LogLevel::Warn, &format!("{page}{}", warning.message))?;
        }
        let outcome = Outcome {
            media_type: source.media_type,
            sha256: source.sha256,
            bytes: source.bytes,
            title,
            language: written.summary.language,
            usage: PagesRead { pages: written.summary.counts.pages },
            counts: written.summary.counts,
            warnings: written.warnings.into_iter().take(MOST_WARNINGS).collect(),
            truncated: self.truncated,
        };
        self.work.progress(1.0, "done", "")?;
        Ok(serde_json::to_value(outcome).unwrap_or_else(|_| json!({})))
    }

    fn is_late(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Warns once that a limit is reached.
    fn too_much(&mut self, code: &str, message: String) {
        self.truncated = true;
        if self.warnings.iter().all(|warning| warning.code != code) {
            self.warn(Warning { page: None, code: code.to_owned(), message });
        }
    }

    /// Gives a page its number in the whole, a name, a language, and tidy numbers.
    fn complete(&self, page: &mut Page) -> String {
        page.number += self.before;
        if let Some((part, _)) = &self.part {
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
        self.last = self.last.max(page.number);
        if !self.wants(page.number) {
            return Ok(Flow::Go);
        }
        if self.is_late() {
            self.too_much(
                "out_of_time",
                "the time for a document was over; the pages before this one were read".to_owned(),
            );
            return Ok(Flow::Enough);
        }
        let number = page.number;
        self.write_letterhead(&mut page)?;
        let text = self.complete(&mut page);
        self.text_bytes += text.len() as u64;
        if self.text_bytes > self.limits.text_bytes {
            let message = format!(
                "more than {} bytes of text; the pages before this one were read",
                self.limits.text_bytes
            );
            self.too_much("too_much_text", message);
            return Ok(Flow::Enough);
        }
        self.outputs.page(&page, self.work)?;
        let of = self.expected.unwrap_or(number).max(number);
        let message = match &self.part {
            Some((part, _)) => format!("{part}, page {number} of {of}"),
            None => format!("page {number} of {of}"),
        };
        // The last step is the end of the files.
        self.work.progress(0.99 * f64::from(number) / f64::from(of.max(1)), "reading", &message)?;
        Ok(Flow::Go)
    }

    fn keep(&mut self, inner: &Inner) -> Result<Flow, KindError> {
        self.work.check_stop()?;
        let depth = self.part.as_ref().map_or(0, |(_, depth)| *depth) + 1;
        if depth > self.limits.nesting {
            let message = format!(
                "{} lies more than {} documents deep, and is not read",
                inner.name, self.limits.nesting
            );
            self.warn(Warning { page: None, code: "nested_too_deep".to_owned(), message });
            self.truncated = true;
            return Ok(Flow::Go);
        }
        self.parts_bytes += inner.bytes.len() as u64;
        if self.parts_bytes > self.limits.archive_bytes
            || self.parts_made >= self.limits.archive_entries as usize
        {
            self.too_much(
                "too_many_parts",
                "there are more or larger documents inside than are read".to_owned(),
            );
            return Ok(Flow::Enough);
        }
        self.parts_made += 1;
        let path = self.work.scratch(&format!("part-{}", self.parts_made));
        fs::write(&path, &inner.bytes).map_err(storage)?;
        self.parts.push_back(Part { name: inner.name.clone(), path, depth });
        Ok(Flow::Go)
    }
}

impl PageSink for Desk<'_> {
    fn expect_pages(&mut self, count: u32) {
        self.expected = Some(count);
    }

    fn wants(&self, number: u32) -> bool {
        self.input.pages.contains(self.before.saturating_add(number))
    }

    fn letterhead(&mut self, fields: Vec<LetterField>) {
        self.letterhead = fields;
    }

    fn page(&mut self, page: Page) -> Result<Flow, ReadError> {
        let taken = self.take(page);
        self.or_stop(taken)
    }

    fn inner(&mut self, inner: Inner) -> Result<Flow, ReadError> {
        let kept = self.keep(&inner);
        self.or_stop(kept)
    }

    fn warn(&mut self, mut warning: Warning) {
        if warning.code == "truncated" {
            self.truncated = true;
        }
        warning.page = warning.page.map(|page| self.before + page);
        if let Some((part, _)) = &self.part {
            warning.message = format!("{part}: {}", warning.message);
        }
        match self.warnings.len() {
            WARNINGS_KEPT.. => {}
            kept if kept + 1 == WARNINGS_KEPT => self.warnings.push(Warning {
                page: None,
                code: "more_warnings".to_owned(),
                message: format!("there are more than {WARNINGS_KEPT} warnings; the others are left out"),
            }),
            _ => self.warnings.push(warning),
        }
    }
}

/// What the search shows of a document besides.
fn told(metadata: &Metadata, source: &Source) -> Map<String, Value> {
    // Short enough for what is kept of a document.
    let short = |text: &String| text.chars().take(200).collect::<String>();
    let mut told = Map::new();
    told.insert("media_type".to_owned(), json!(source.media_type));
    if !metadata.authors.is_empty() {
        told.insert(
            "authors".to_owned(),
            json!(metadata.authors.iter().take(10).map(short).collect::<Vec<_>>()),
        );
    }
    for (name, value) in [
        ("subject", &metadata.subject),
        ("created", &metadata.created),
        ("modified", &metadata.modified),
        ("producer", &metadata.producer),
    ] {
        if let Some(value) = value {
            told.insert(name.to_owned(), json!(short(value)));
        }
    }
    told
}
