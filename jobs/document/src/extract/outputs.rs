//! Where do pages go? Into every output that was asked for, one page after the other.

use std::fs::File;
use std::io::{self, BufWriter};

use esteira_engine::child::{DocumentWriter, WorkDir};
use esteira_engine::document::{DocumentHead, Passage, pieces};
use esteira_engine::job::KindError;

use super::super::input::{Input, Output};
use super::super::model::{Metadata, Page, Warning};
use super::super::sink::LetterField;
use super::super::write::{
    CsvWriter, End, JsonWriter, MarkdownWriter, Source, Summary, Tally, TextWriter, XlsxWriter,
};
use super::counted::{Count, Counted};
use super::storage;

const JSON: &str = "document.json";
const MARKDOWN: &str = "document.md";
const TEXT: &str = "document.txt";
const XLSX: &str = "tables.xlsx";

type Out = BufWriter<Counted<File>>;
type MakeFile = Box<dyn FnMut(&str) -> io::Result<Out>>;

/// The writers of a job.
pub struct Outputs {
    json: Option<JsonWriter<Out>>,
    markdown: Option<MarkdownWriter<Out>>,
    text: Option<TextWriter<Out>>,
    xlsx: Option<XlsxWriter<Out>>,
    csv: Option<CsvWriter<Out, MakeFile>>,
    search: Option<DocumentWriter>,
    /// What stands over the message, until its page is put into the search.
    front: String,
    tally: Tally,
    count: Count,
}

/// What is known once the last page is written.
pub struct Written {
    /// How much there is, and in which language.
    pub summary: Summary,
    /// What a reader should know besides.
    pub warnings: Vec<Warning>,
}

impl Outputs {
    /// Begins the files that `input` asks for.
    pub fn open(input: &Input, source: &Source, work: &WorkDir) -> Result<Self, KindError> {
        let count = Count::default();
        let file = |output: Output, name: &str| -> Result<Option<Out>, KindError> {
            if !input.wants(output) {
                return Ok(None);
            }
            let path = work.artifact_path(name)?;
            let made = File::create(path).map_err(storage)?;
            Ok(Some(BufWriter::new(Counted::new(made, &count))))
        };
        let json = match file(Output::Json, JSON)? {
            Some(out) => Some(JsonWriter::new(out, source).map_err(storage)?),
            None => None,
        };
        let tables = work.artifact_path("tables/000.csv")?;
        let all = count.clone();
        let make_file: MakeFile = Box::new(move |name| {
            let name = name.rsplit('/').next().unwrap_or(name);
            File::create(tables.with_file_name(name)).map(|made| BufWriter::new(Counted::new(made, &all)))
        });
        Ok(Self {
            json,
            markdown: file(Output::Md, MARKDOWN)?.map(MarkdownWriter::new),
            text: file(Output::Txt, TEXT)?.map(TextWriter::new),
            xlsx: file(Output::Xlsx, XLSX)?.map(XlsxWriter::new),
            csv: input.wants(Output::Csv).then(|| CsvWriter::new(make_file)),
            search: if input.index { Some(work.begin_document()?) } else { None },
            front: String::new(),
            tally: Tally::default(),
            count,
        })
    }

    /// Writes what stands over the message that the document is.
    pub fn letterhead(&mut self, fields: &[LetterField]) -> Result<(), KindError> {
        if let Some(markdown) = &mut self.markdown {
            markdown.front(fields).map_err(storage)?;
        }
        if let Some(text) = &mut self.text {
            text.front(fields).map_err(storage)?;
        }
        self.front = fields.iter().map(|field| format!("{}: {}\n", field.name, field.value)).collect();
        Ok(())
    }

    /// Whether a page was written.
    pub fn has_pages(&self) -> bool {
        self.tally.has_pages()
    }

    /// The bytes of all files, those of pictures too.
    pub fn count(&self) -> &Count {
        &self.count
    }

    /// How many tables have no CSV file, because there are as many as may be.
    pub fn tables_left_out(&self) -> u32 {
        self.csv.as_ref().map_or(0, CsvWriter::left_out)
    }

    /// Writes a page, of which `text` is what the search finds.
    pub fn page(&mut self, page: &Page, text: &str, work: &mut WorkDir) -> Result<(), KindError> {
        self.tally.page(page);
        self.write(page).map_err(storage)?;
        if let Some(csv) = &mut self.csv {
            for name in csv.page(page).map_err(storage)? {
                work.finish_artifact(&name, "text/csv; charset=utf-8")?;
            }
        }
        let Some(search) = &mut self.search else { return Ok(()) };
        let text = std::mem::take(&mut self.front) + text;
        for text in pieces(&text).filter(|text| !text.trim().is_empty()) {
            search.add(&Passage {
                page: Some(page.number),
                language: page.language.clone(),
                text: text.to_owned(),
                ..Passage::default()
            })?;
        }
        Ok(())
    }

    fn write(&mut self, page: &Page) -> io::Result<()> {
        if let Some(json) = &mut self.json {
            json.page(page)?;
        }
        if let Some(markdown) = &mut self.markdown {
            markdown.page(page)?;
        }
        if let Some(text) = &mut self.text {
            text.page(page)?;
        }
        if let Some(xlsx) = &mut self.xlsx {
            xlsx.page(page)?;
        }
        Ok(())
    }

    /// Ends the files; `head` makes the head of what is searched.
    pub fn finish(
        self,
        metadata: &Metadata,
        mut warnings: Vec<Warning>,
        truncated: bool,
        work: &mut WorkDir,
        head: impl FnOnce(&Summary) -> DocumentHead,
    ) -> Result<Written, KindError> {
        let summary = self.tally.summary();
        if let Some(xlsx) = self.xlsx {
            let workbook = xlsx.finish().map_err(storage)?;
            if workbook.cut > 0 {
                let message = format!("{} tables are larger than a sheet of {XLSX} can be", workbook.cut);
                warnings.push(Warning::new("table_cut", message));
            }
            work.finish_artifact(XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")?;
        }
        if let Some(markdown) = self.markdown {
            markdown.finish().map_err(storage)?;
            work.finish_artifact(MARKDOWN, "text/markdown; charset=utf-8")?;
        }
        if let Some(text) = self.text {
            text.finish().map_err(storage)?;
            work.finish_artifact(TEXT, "text/plain; charset=utf-8")?;
        }
        if let Some(json) = self.json {
            let end = End { metadata, warnings: &warnings, truncated, summary: &summary };
            json.finish(end).map_err(storage)?;
            work.finish_artifact(JSON, "application/json")?;
        }
        if let Some(search) = self.search {
            work.finish_document(search, &head(&summary))?;
        }
        Ok(Written { summary, warnings })
    }
}
