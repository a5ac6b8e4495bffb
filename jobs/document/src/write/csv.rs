//! How are tables written as CSV? A file a table, as RFC 4180 has it: commas, CRLF, UTF-8 without a mark in front.
//!
//! A spreadsheet that opens such a file takes a text that begins with `=`, `+`, `-`, `@`, a tab or a line break for a
//! formula, which may call out (OWASP, *CSV Injection*). Such a text gets an apostrophe in front, unless it is nothing but
//! a number or a dash. Whoever reads the files by program and wants the very text takes it from `document.json`.

use std::borrow::Cow;
use std::io::{self, Write};

use ::csv::{Terminator, Writer, WriterBuilder};

use super::super::model::{BlockKind, Page, Table};
use super::grid::Grid;

/// Writes each table to a file of its own: `tables/001.csv` and so on, in the order of the document.
pub struct CsvWriter<W: Write, Make: FnMut(&str) -> io::Result<W>> {
    make: Make,
    files: u32,
}

impl<W: Write, Make: FnMut(&str) -> io::Result<W>> CsvWriter<W, Make> {
    /// Begins; `make` makes the file of a name.
    pub fn new(make: Make) -> Self {
        Self { make, files: 0 }
    }

    /// Writes the tables of the next page; answers the names of their files.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn page(&mut self, page: &Page) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for block in &page.blocks {
            let BlockKind::Table(table) = &block.kind else { continue };
            if table.cells.is_empty() {
                continue;
            }
            self.files = self.files.saturating_add(1);
            let name = format!("tables/{:03}.csv", self.files);
            write_table(table, (self.make)(&name)?)?;
            names.push(name);
        }
        Ok(names)
    }
}

fn write_table<W: Write>(table: &Table, out: W) -> io::Result<()> {
    let mut out: Writer<W> = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    for row in Grid::of(table).rows() {
        let cells: Vec<Cow<'_, str>> = row.into_iter().map(defused).collect();
        out.write_record(cells.iter().map(|cell| cell.as_bytes()))?;
    }
    out.flush()
}

/// The text with an apostrophe in front where a spreadsheet would take it for a formula.
fn defused(text: &str) -> Cow<'_, str> {
    // The wide forms are what a spreadsheet of some languages takes for the same signs.
    let marks = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let breaks = text.starts_with(['\t', '\r', '\n']);
    if !breaks && !text.trim_start().starts_with(marks) || is_harmless(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{text}"))
}

/// Whether a text is a dash, or a number with its sign.
fn is_harmless(text: &str) -> bool {
    let rest = text.trim_start_matches('-');
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    rest.is_empty()
        || number.starts_with(|c: char| c.is_ascii_digit())
            && number.trim_end_matches('%').chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Block, Cell};
    use proptest::prelude::*;
    use std::fs::{self, File};

    fn page(rows: &[&[&str]]) -> Page {
        let mut cells = Vec::new();
        for (row, texts) in (0..).zip(rows) {
            for (column, text) in (0..).zip(*texts) {
                cells.push(Cell { row, column, text: (*text).to_owned(), ..Cell::default() });
            }
        }
        let table = Table { rows: 99, columns: 99, cells, caption: None };
        Page { blocks: vec![Block { kind: BlockKind::Table(table), ..Block::default() }], ..Page::default() }
    }

    fn written(pages: &[Page]) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tables")).unwrap();
        let mut writer = CsvWriter::new(|name: &str| File::create(folder.path().join(name)));
        let names: Vec<String> = pages.iter().flat_map(|page| writer.page(page).unwrap()).collect();
        let text = |name: &String| fs::read_to_string(folder.path().join(name)).unwrap();
        names.iter().map(|name| (name.clone(), text(name))).collect()
    }

    #[test]
    fn each_table_is_a_file_of_rfc_4180() {
        let files = written(&[page(&[&["Item", "Preço"], &["Café \"bom\"", "12,50"]]), page(&[&["a\nb"]])]);
        assert_eq!(
            files,
            [
                ("tables/001.csv".into(), "Item,Preço\r\n\"Café \"\"bom\"\"\",\"12,50\"\r\n".into()),
                ("tables/002.csv".into(), "\"a\nb\"\r\n".to_owned()),
            ]
        );
    }

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        for text in ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\nx", " =1", "＝1", "-1.2.x", "+", "-1e5"]
        {
            assert_eq!(defused(text), format!("'{text}"), "{text:?}");
        }
        for text in ["", "a=1", "-12,5", "+3%", "-", "--", "1-2", "−5", "-1.234,56"] {
            assert_eq!(defused(text), text, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_is_read_back(texts in proptest::collection::vec("[^\u{feff}]{0,12}", 1..12)) {
            let row: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (_, text) = written(&[page(&[&row, &row])]).remove(0);
            let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let records: Vec<Vec<String>> =
                reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
            let wanted: Vec<String> = row.iter().map(|text| defused(text).into_owned()).collect();
            prop_assert_eq!(records, vec![wanted.clone(), wanted]);
        }
    }
}
