//! How do tables become a workbook? A sheet a table, each written as it comes and forgotten.
//!
//! The parts of the file and the order of their elements are those of ECMA-376, part 1, 12 and 18. The libraries that
//! write workbooks keep every cell until the end, or a file open for each sheet.

mod merges;
mod parts;
mod sheet;
mod style;
mod xml;

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::super::model::{BlockKind, Page, Table};

/// Writes `tables.xlsx`. Texts stay texts: no cell is a formula, whatever it begins with.
pub struct XlsxWriter<W: Write + Seek> {
    zip: ZipWriter<W>,
    names: Vec<String>,
    taken: BTreeSet<String>,
    cut: u32,
}

/// What became of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workbook {
    /// How many sheets, that is tables, the workbook has.
    pub sheets: u32,
    /// How many of them are larger than a sheet can be, and were cut.
    pub cut: u32,
}

impl<W: Write + Seek> XlsxWriter<W> {
    /// Begins the file.
    pub fn new(out: W) -> Self {
        Self { zip: ZipWriter::new(out), names: Vec::new(), taken: BTreeSet::new(), cut: 0 }
    }

    /// Writes the tables of the next page: `p3 t1` is the first one of page 3.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn page(&mut self, page: &Page) -> io::Result<()> {
        let tables = page.blocks.iter().filter_map(|block| match &block.kind {
            BlockKind::Table(table) if !table.cells.is_empty() => Some(table),
            _ => None,
        });
        for (index, table) in (1..).zip(tables) {
            let name = self.name(page.number, index);
            self.sheet(name, table)?;
        }
        Ok(())
    }

    /// Ends the file. A workbook must have a sheet: without any table it is an empty one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<Workbook> {
        let sheets = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        if self.names.is_empty() {
            self.sheet("tables".to_owned(), &Table::default())?;
        }
        for (path, text) in parts::parts(&self.names) {
            self.begin(path)?;
            self.zip.write_all(text.as_bytes())?;
        }
        self.zip.finish()?.flush()?;
        Ok(Workbook { sheets, cut: self.cut })
    }

    /// A name that no other sheet has: two documents of a bundle may number their pages alike.
    fn name(&mut self, page: u32, index: u32) -> String {
        let plain = format!("p{page} t{index}");
        let mut name = plain.clone();
        let mut round = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{plain} ({round})");
            round += 1;
        }
        name
    }

    fn sheet(&mut self, name: String, table: &Table) -> io::Result<()> {
        self.names.push(name);
        let path = parts::sheet_path(self.names.len());
        self.begin(&path)?;
        let mut out = BufWriter::new(&mut self.zip);
        let whole = sheet::write(&mut out, table)?;
        out.flush()?;
        self.cut += u32::from(!whole);
        Ok(())
    }

    fn begin(&mut self, path: &str) -> io::Result<()> {
        // Without a clock: the same tables give the same bytes.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        Ok(self.zip.start_file(path, options)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Block, Cell};
    use calamine::{Data, Reader, Xlsx};
    use std::io::Cursor;

    fn table(cells: Vec<Cell>) -> Block {
        let table = Table { rows: 99, columns: 99, cells, caption: None };
        Block { kind: BlockKind::Table(table), ..Block::default() }
    }

    fn cell(row: u32, column: u32, text: &str) -> Cell {
        Cell { row, column, text: text.into(), ..Cell::default() }
    }

    fn written(pages: &[Page]) -> (Vec<u8>, Workbook) {
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = XlsxWriter::new(&mut bytes);
        pages.iter().for_each(|page| writer.page(page).unwrap());
        let workbook = writer.finish().unwrap();
        (bytes.into_inner(), workbook)
    }

    fn opened(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
        Xlsx::new(Cursor::new(bytes)).unwrap()
    }

    fn prices() -> Page {
        let header = |column, text| Cell { header: true, ..cell(0, column, text) };
        let cells = vec![
            header(0, "Produto"),
            Cell { column_span: 2, ..header(1, "Preço & custo") },
            cell(1, 0, "=1+1"),
            cell(1, 1, "1.234,50"),
            cell(1, 2, "1.234"),
            cell(2, 0, "Café\n<bom> _x0041_"),
            cell(2, 1, "-12,5 %"),
            cell(2, 2, "007"),
        ];
        Page { number: 3, blocks: vec![table(cells), table(vec![cell(0, 0, "2024")])], ..Page::default() }
    }

    #[test]
    fn a_sheet_a_table_with_numbers_where_they_are_sure() {
        let (bytes, workbook) = written(&[prices()]);
        assert_eq!(workbook, Workbook { sheets: 2, cut: 0 });
        let mut book = opened(bytes);
        assert_eq!(book.sheet_names(), ["p3 t1", "p3 t2"]);
        let range = book.worksheet_range("p3 t1").unwrap();
        let text = |text: &str| Data::String(text.to_owned());
        assert_eq!(range.get((0, 1)), Some(&text("Preço & custo")));
        assert_eq!(range.get((1, 0)), Some(&text("=1+1")));
        assert_eq!(range.get((1, 1)), Some(&Data::Float(1234.5)));
        assert_eq!(range.get((1, 2)), Some(&text("1.234")));
        assert_eq!(range.get((2, 0)), Some(&text("Café\n<bom> _x0041_")));
        assert_eq!(range.get((2, 1)), Some(&Data::Float(-0.125)));
        assert_eq!(range.get((2, 2)), Some(&text("007")));
        assert_eq!(book.worksheet_range("p3 t2").unwrap().get((0, 0)), Some(&Data::Float(2024.0)));
        assert!(book.worksheet_formula("p3 t1").unwrap().used_cells().next().is_none());
        let merged = book.merge_cells_by_sheet_name("p3 t1").unwrap();
        assert_eq!(merged.iter().map(|d| (d.start, d.end)).collect::<Vec<_>>(), [((0, 1), (0, 2))]);
    }

    #[test]
    fn the_same_tables_give_the_same_bytes() {
        assert_eq!(written(&[prices()]).0, written(&[prices()]).0);
    }

    #[test]
    fn without_tables_there_is_an_empty_sheet() {
        let (bytes, workbook) = written(&[Page::default()]);
        assert_eq!(workbook.sheets, 0);
        assert_eq!(opened(bytes).sheet_names(), ["tables"]);
    }

    #[test]
    fn pages_of_one_number_have_sheets_of_two_names() {
        let page = Page { number: 1, blocks: vec![table(vec![cell(0, 0, "a")])], ..Page::default() };
        assert_eq!(opened(written(&[page.clone(), page]).0).sheet_names(), ["p1 t1", "p1 t1 (2)"]);
    }

    #[test]
    fn a_table_larger_than_a_sheet_is_cut() {
        let blocks = vec![table(vec![cell(0, 0, "a"), cell(2_000_000, 0, "b"), cell(0, 20_000, "c")])];
        let (bytes, workbook) = written(&[Page { number: 1, blocks, ..Page::default() }]);
        assert_eq!(workbook, Workbook { sheets: 1, cut: 1 });
        assert_eq!(opened(bytes).worksheet_range("p1 t1").unwrap().get_size(), (1, 1));
    }
}
