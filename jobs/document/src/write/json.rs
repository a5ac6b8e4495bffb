//! How is `document.json` written without the document in memory? The head, a page a line, then the rest.

use std::io::{self, Write};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::super::model::{BlockKind, Metadata, Page, Table, Warning};
use super::grid::Grid;
use super::schema::{Source, Version};
use super::tally::Summary;
use super::tidy::tidy;

/// What is known of a document once its last page is read.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// What the document says of itself.
    pub metadata: &'a Metadata,
    /// What a reader should know.
    pub warnings: &'a [Warning],
    /// Whether a limit was reached.
    pub truncated: bool,
    /// What its pages amount to.
    pub summary: &'a Summary,
}

/// Writes `document.json`.
#[derive(Debug)]
pub struct JsonWriter<W: Write> {
    out: W,
    first: bool,
}

impl<W: Write> JsonWriter<W> {
    /// Begins the file. A page is written in many small pieces: `out` should be buffered.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(mut out: W, source: &Source) -> io::Result<Self> {
        out.write_all(b"{\"version\":")?;
        serde_json::to_writer(&mut out, &Version::One)?;
        field(&mut out, "source", source)?;
        out.write_all(b",\n\"pages\":[")?;
        Ok(Self { out, first: true })
    }

    /// Writes the next page.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn page(&mut self, page: &Page) -> io::Result<()> {
        self.out.write_all(if self.first { b"\n" } else { b",\n" })?;
        self.first = false;
        if is_finite(page) {
            return Ok(serde_json::to_writer(&mut self.out, &Written { page, tables: Tables(page) })?);
        }
        let mut page = page.clone();
        tidy(&mut page);
        Ok(serde_json::to_writer(&mut self.out, &Written { page: &page, tables: Tables(&page) })?)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, end: End<'_>) -> io::Result<()> {
        self.out.write_all(b"\n]")?;
        field(&mut self.out, "metadata", end.metadata)?;
        if let Some(language) = &end.summary.language {
            field(&mut self.out, "language", language)?;
        }
        field(&mut self.out, "counts", &end.summary.counts)?;
        field(&mut self.out, "warnings", end.warnings)?;
        field(&mut self.out, "truncated", &end.truncated)?;
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }
}

fn field<W: Write, T: Serialize + ?Sized>(out: &mut W, name: &str, value: &T) -> io::Result<()> {
    write!(out, ",\n\"{name}\":")?;
    Ok(serde_json::to_writer(out, value)?)
}

/// Whether JSON can hold every number of the page; it has no sign for infinity.
fn is_finite(page: &Page) -> bool {
    let finite = |numbers: &[Option<f32>]| numbers.iter().flatten().all(|number| number.is_finite());
    let sides = |r: super::super::model::Rect| finite(&[Some(r.x0), Some(r.y0), Some(r.x1), Some(r.y1)]);
    finite(&[page.width, page.height, Some(page.rotation), page.confidence])
        && page.blocks.iter().all(|block| {
            finite(&[block.confidence])
                && block.bounds.is_none_or(sides)
                && block.words.iter().all(|word| sides(word.bounds) && finite(&[word.confidence]))
                && match &block.kind {
                    BlockKind::Table(table) => table
                        .cells
                        .iter()
                        .all(|cell| cell.bounds.is_none_or(sides) && cell.value.is_none_or(f64::is_finite)),
                    _ => true,
                }
        })
}

/// [`super::DocumentPage`], borrowed: nothing of a large sheet is copied.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    page: &'a Page,
    tables: Tables<'a>,
}

/// The grids of a page's tables.
struct Tables<'a>(&'a Page);

impl Serialize for Tables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.blocks.iter().filter_map(|block| match &block.kind {
            BlockKind::Table(table) => Some(Plain(table)),
            _ => None,
        }))
    }
}

/// [`super::TableGrid`], row by row.
struct Plain<'a>(&'a Table);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut grid = serializer.serialize_struct("TableGrid", 1)?;
        grid.serialize_field("rows", &PlainRows(self.0))?;
        grid.end()
    }
}

struct PlainRows<'a>(&'a Table);

impl Serialize for PlainRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(Grid::of(self.0).rows())
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::{Document, DocumentPage, TableGrid, schema};
    use super::super::tally::Tally;
    use super::*;
    use crate::model::{Block, Cell, Mark, PageKind, Rect, Span, TextSource, Word};
    use serde_json::Value;

    fn full_page() -> Page {
        let rect = Some(Rect { x0: 72.0, y0: 72.1, x1: 200.55, y1: 90.0 });
        let table = Table {
            rows: 2,
            columns: 2,
            cells: vec![
                Cell { column_span: 2, header: true, text: "Preço".into(), bounds: rect, ..Cell::default() },
                Cell { row: 1, text: "R$".into(), ..Cell::default() },
                Cell { row: 1, column: 1, text: "12,50".into(), value: Some(12.5), ..Cell::default() },
            ],
            caption: Some("Tabela 1".into()),
        };
        let kinds = [
            BlockKind::Heading { level: 1 },
            BlockKind::Paragraph,
            BlockKind::ListItem { level: 1, number: Some(3) },
            BlockKind::Table(table),
            BlockKind::Figure,
            BlockKind::Code { code_language: Some("rust".into()) },
            BlockKind::Quote,
            BlockKind::Header,
            BlockKind::Footer,
            BlockKind::Footnote,
            BlockKind::Comment,
            BlockKind::Field,
        ];
        let word = Word { text: "ação".into(), bounds: Rect::default(), confidence: Some(0.5) };
        let spans = vec![
            Span { start: 0, end: 5, mark: Mark::Strong },
            Span { start: 0, end: 5, mark: Mark::Link { url: "https://example.org/".into() } },
        ];
        let blocks = kinds.into_iter().map(|kind| Block {
            kind,
            text: "ação".into(),
            bounds: rect,
            spans: spans.clone(),
            label: Some("1".into()),
            source: TextSource::Ocr,
            confidence: Some(0.9),
            words: vec![word.clone()],
        });
        Page {
            number: 1,
            kind: PageKind::Sheet,
            name: Some("Folha".into()),
            width: Some(595.0),
            height: Some(842.0),
            rotation: 90.0,
            language: Some("pt".into()),
            source: TextSource::Ocr,
            confidence: Some(0.75),
            blocks: blocks.collect(),
        }
    }

    fn written(pages: &[Page]) -> Value {
        let source = Source { media_type: "application/pdf".into(), sha256: "ab".into(), bytes: 3 };
        let mut bytes = Vec::new();
        let mut writer = JsonWriter::new(&mut bytes, &source).unwrap();
        let mut tally = Tally::default();
        for page in pages {
            tally.page(page);
            writer.page(page).unwrap();
        }
        let summary = tally.summary();
        let metadata = Metadata { title: Some("Contrato".into()), ..Metadata::default() };
        let warnings = [Warning::new("page_unreadable", "…").of_page(2)];
        let end = End { metadata: &metadata, warnings: &warnings, truncated: true, summary: &summary };
        writer.finish(end).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn faults(value: &Value) -> Vec<String> {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    #[test]
    fn what_is_written_fits_the_schema_and_can_be_read_back() {
        for pages in [vec![], vec![Page::default()], vec![full_page(), Page { number: 2, ..full_page() }]] {
            let value = written(&pages);
            assert_eq!(faults(&value), Vec::<String>::new());
            let document: Document = serde_json::from_value(value.clone()).unwrap();
            let read: Vec<Page> = document.pages.iter().map(|page| page.page.clone()).collect();
            assert_eq!(read, pages);
            let again = serde_json::to_string(&document).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), value);
        }
    }

    #[test]
    fn each_page_has_its_tables_as_grids() {
        let document: Document = serde_json::from_value(written(&[full_page()])).unwrap();
        let rows = vec![vec!["Preço".to_owned(), String::new()], vec!["R$".to_owned(), "12,50".to_owned()]];
        let page: &DocumentPage = &document.pages[0];
        assert_eq!(page.tables, [TableGrid { rows }]);
        assert_eq!((document.counts.tables, document.language.as_deref()), (1, Some("pt")));
    }

    #[test]
    fn numbers_that_json_lacks_do_not_break_the_form() {
        let bounds = Some(Rect { x0: f32::NAN, ..Rect::default() });
        let page = Page {
            rotation: f32::INFINITY,
            blocks: vec![Block { bounds, ..Block::default() }],
            ..Page::default()
        };
        assert_eq!(faults(&written(&[page])), Vec::<String>::new());
    }

    #[test]
    fn the_schema_refuses_a_page_of_another_form() {
        let mut value = written(&[full_page()]);
        value["pages"][0]["blocks"][0]["type"] = "heading of another kind".into();
        assert!(!faults(&value).is_empty());
    }
}
