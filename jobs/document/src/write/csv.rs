//! How are tables written as CSV? A file a table, as RFC 4180 has it: commas, CRLF, UTF-8 without a mark in front.
//!
//! A spreadsheet that opens such a file takes a text that begins with `=`, `+`, `-`, `@`, a tab or a line break for a
//! formula, which may call out (OWASP, *CSV Injection*). Such a text gets an apostrophe in front, unless it is nothing but
//! a number or a dash. So does one in which a semicolon or a tab is followed by such a sign: a spreadsheet that is set to part
//! cells there, as those of Portuguese are, makes a cell of it. Whoever reads the files by program and wants the very text
//! takes it from `document.json`.

use std::borrow::Cow;
use std::io::{self, Write};

use ::csv::{Terminator, Writer, WriterBuilder};

use super::super::model::{BlockKind, Page, Table};
use super::grid::Grid;

/// Files of a job: the engine takes 10,000 artifacts of one, and each of 2,000 pages may have two pictures.
const MOST_FILES: u32 = 5_000;

/// Writes each table to a file of its own: `tables/001.csv` and so on, in the order of the document.
pub struct CsvWriter<W: Write, Make: FnMut(&str) -> io::Result<W>> {
    make: Make,
    files: u32,
    left_out: u32,
}

impl<W: Write, Make: FnMut(&str) -> io::Result<W>> CsvWriter<W, Make> {
    /// Begins; `make` makes the file of a name.
    pub fn new(make: Make) -> Self {
        Self { make, files: 0, left_out: 0 }
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
            if self.files >= MOST_FILES {
                self.left_out = self.left_out.saturating_add(1);
                continue;
            }
            self.files += 1;
            let name = format!("tables/{:03}.csv", self.files);
            write_table(table, (self.make)(&name)?)?;
            names.push(name);
        }
        Ok(names)
    }

    /// How many tables have no file, because there are as many as may be.
    pub fn left_out(&self) -> u32 {
        self.left_out
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

/// What a spreadsheet takes for the beginning of a formula; the wide forms in some languages.
const FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The text with an apostrophe in front of what a spreadsheet would take for a formula: the whole of it, and each piece that
/// it would make a cell of where it parts them at semicolons or tabs.
fn defused(text: &str) -> Cow<'_, str> {
    let first = text.find([';', '\t', '\n', '\r']).unwrap_or(text.len());
    let own = is_formula(text) && !is_harmless(text);
    let later = |at: usize| {
        text.get(at..).is_some_and(|rest| rest.split([';', '\t', '\n', '\r']).skip(1).any(is_live))
    };
    if !own && !later(first) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    if own {
        out.push('\'');
    }
    for (place, piece) in text.split_inclusive([';', '\t', '\n', '\r']).enumerate() {
        if place > 0 && is_live(piece) {
            out.push('\'');
        }
        out.push_str(piece);
    }
    Cow::Owned(out)
}

/// Whether a piece of a text that becomes a cell is a formula there.
fn is_live(piece: &str) -> bool {
    let piece = piece.trim_end_matches([';', '\t', '\n', '\r']);
    // A piece may stand in quotation marks, which are no part of the cell.
    let piece = piece.trim_start_matches(|c: char| c.is_whitespace() || c == '"' || is_invisible(c));
    is_formula(piece) && !is_harmless(piece.trim())
}

/// Whether a text begins as a formula does.
fn is_formula(text: &str) -> bool {
    let seen = text.trim_start_matches(is_invisible);
    let begin = seen.trim_start_matches(|c: char| c.is_whitespace() || is_invisible(c));
    seen.starts_with(['\t', '\r', '\n']) || begin.starts_with(FORMULAS)
}

/// Characters without a width, which some programs drop before they look: a byte order mark, joiners, marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
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
        for text in ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t1", "\nx", " =1", "＝1", "-1.2.x", "+", "-1e5"] {
            assert_eq!(defused(text), format!("'{text}"), "{text:?}");
        }
        for text in ["", "a=1", "-12,5", "+3%", "-", "--", "1-2", "−5", "-1.234,56"] {
            assert_eq!(defused(text), text, "{text:?}");
        }
    }

    #[test]
    fn what_nobody_sees_hides_no_formula() {
        for text in ["\u{feff}=1+1", "\u{200b}=3+3", " \u{2060} @x", "\u{202e}+cmd", "\0=1", "\u{feff}\t1"] {
            assert_eq!(defused(text), format!("'{text}"), "{text:?}");
        }
        assert_eq!(defused("\u{feff}a=1"), "\u{feff}a=1");
    }

    #[test]
    fn a_formula_behind_a_semicolon_or_a_tab_is_defused() {
        for (text, wanted) in [
            ("a;=2+cmd|x;b", "a;'=2+cmd|x;b"),
            ("a; =1;@b", "a;' =1;'@b"),
            ("a\t=1", "a\t'=1"),
            ("\t=1", "'\t'=1"),
            ("a;\"=1", "a;'\"=1"),
            ("a\n=1", "a\n'=1"),
            ("=1;=2", "'=1;'=2"),
            ("a;\u{200b}-x", "a;'\u{200b}-x"),
            ("x-1; -2,5; -", "x-1; -2,5; -"),
            ("a; b=1; c", "a; b=1; c"),
        ] {
            assert_eq!(defused(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn more_tables_than_a_job_may_have_artifacts_are_counted() {
        let block = page(&[&["a"]]).blocks.remove(0);
        let page = Page { blocks: vec![block; MOST_FILES as usize + 2], ..Page::default() };
        let mut writer = CsvWriter::new(|_: &str| Ok(io::sink()));
        assert_eq!(writer.page(&page).unwrap().len(), MOST_FILES as usize);
        assert_eq!((writer.page(&page).unwrap().len(), writer.left_out()), (0, MOST_FILES + 4));
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
