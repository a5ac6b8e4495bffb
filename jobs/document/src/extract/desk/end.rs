//! What came of the job, once its last page is written?

use esteira_engine::child::protocol::LogLevel;
use esteira_engine::document::DocumentHead;
use esteira_engine::job::KindError;
use serde_json::{Value, json};

use super::super::super::input::Output;
use super::super::super::model::{Metadata, Warning};
use super::super::super::write::Summary;
use super::super::outcome::{MOST_WARNINGS, Outcome, PagesRead, told};
use super::Desk;

impl Desk<'_> {
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
            confidence: written.summary.confidence,
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
}
