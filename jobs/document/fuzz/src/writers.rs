//! Where do the pages of a target go? Through everything that a job does to them.

use std::io::{Cursor, Sink, sink};

use esteira_document::fuzzing::{
    CsvWriter, End, Flow, Inner, JsonWriter, LetterField, MarkdownWriter, Metadata, Page, PageSink,
    ReadError, Source, Tally, TextWriter, Warning, XlsxWriter, passage_text, tidy,
};

type Make = fn(&str) -> std::io::Result<Sink>;

/// All writers.
pub struct Writers {
    json: JsonWriter<Sink>,
    markdown: MarkdownWriter<Vec<u8>>,
    text: TextWriter<Vec<u8>>,
    xlsx: XlsxWriter<Cursor<Vec<u8>>>,
    csv: CsvWriter<Sink, Make>,
    tally: Tally,
}

impl Default for Writers {
    fn default() -> Self {
        let source = Source { media_type: String::new(), sha256: String::new(), bytes: 0 };
        Self {
            json: JsonWriter::new(sink(), &source).expect("nothing refuses it"),
            markdown: MarkdownWriter::new(Vec::new()),
            text: TextWriter::new(Vec::new()),
            xlsx: XlsxWriter::new(Cursor::new(Vec::new())),
            csv: CsvWriter::new(|_| Ok(sink())),
            tally: Tally::default(),
        }
    }
}

impl Writers {
    /// Ends all files.
    pub fn finish(self) {
        let summary = self.tally.summary();
        let end = End { metadata: &Metadata::default(), warnings: &[], truncated: false, summary: &summary };
        self.json.finish(end).expect("nothing refuses it");
        self.markdown.finish().expect("nothing refuses it");
        self.text.finish().expect("nothing refuses it");
        self.xlsx.finish().expect("nothing refuses it");
    }
}

impl PageSink for Writers {
    fn expect_pages(&mut self, _: u32) {}

    fn wants(&self, _: u32) -> bool {
        true
    }

    fn letterhead(&mut self, fields: Vec<LetterField>) {
        self.markdown.front(&fields).expect("nothing refuses it");
        self.text.front(&fields).expect("nothing refuses it");
    }

    fn page(&mut self, mut page: Page) -> Result<Flow, ReadError> {
        tidy(&mut page);
        let _ = passage_text(&page);
        self.tally.page(&page);
        self.json.page(&page).expect("nothing refuses it");
        self.markdown.page(&page).expect("nothing refuses it");
        self.text.page(&page).expect("nothing refuses it");
        self.xlsx.page(&page).expect("a sheet that cannot be written");
        self.csv.page(&page).expect("nothing refuses it");
        Ok(Flow::Go)
    }

    fn inner(&mut self, _: Inner) -> Result<Flow, ReadError> {
        Ok(Flow::Go)
    }

    fn warn(&mut self, _: Warning) {}
}
