//! How are values apart by commas, semicolons, tabs or bars read? As one table on one sheet.

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Block, BlockKind, Cell, Metadata, PageKind, Table};
use super::super::sink::PageSink;
use super::charset::decode;
use super::dialect::Dialect;
use super::gather::{self, Gather, prefix};
use super::grid;
use super::number::Numbers;
use super::rows::Values;
use super::text;

/// What a cell costs beside its text, in bytes of the limit of text.
const CELL_COST: usize = 8;

/// Reads a file of values in rows; one that holds none is read as plain text.
pub fn read(bytes: &[u8], limits: &DocumentLimits, sink: &mut dyn PageSink) -> Result<Metadata, ReadError> {
    let decoded = decode(bytes, None);
    if decoded.lossy {
        sink.warn(super::broken_letters(decoded.charset));
    }
    let mut gather = Gather::new(limits);
    let (dialect, text) = dialect(&decoded.text);
    match dialect {
        Some(dialect) => {
            let (table, truncated) = table(text, dialect, limits);
            if truncated {
                gather.note_loss();
            }
            if !table.cells.is_empty() {
                let text = grid::lines(&table).0;
                gather.push(Block { kind: BlockKind::Table(table), text, ..Block::default() });
            }
        }
        None => text::read_into(text, &mut gather),
    }
    gather::hand_over(PageKind::Sheet, None, gather, sink)?;
    Ok(Metadata { pages: Some(1), ..Metadata::default() })
}

/// The dialect, and the text behind a line that says it: Excel writes `sep=;` as the first one.
fn dialect(text: &str) -> (Option<Dialect>, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    match line.trim_end_matches('\r').trim_matches('"').strip_prefix("sep=").map(str::as_bytes) {
        Some(&[delimiter]) => {
            let quoted = Dialect::sniff(rest).filter(|found| found.delimiter == delimiter);
            (quoted.or(Some(Dialect { delimiter, quoted: true, escaped: false })), rest)
        }
        _ => (Dialect::sniff(text), text),
    }
}

fn table(text: &str, dialect: Dialect, limits: &DocumentLimits) -> (Table, bool) {
    let mut room = usize::try_from(limits.text_bytes / 2).unwrap_or(usize::MAX);
    let mut places = limits.cells;
    let mut cells: Vec<Cell> = Vec::new();
    let mut values = Values::new(dialect.reader(), text.as_bytes());
    let (mut row, mut column, mut truncated) = (0_u32, 0_u32, false);
    while !truncated && let Some(value) = values.next() {
        if places == 0 {
            truncated = true;
            break;
        }
        let text = String::from_utf8_lossy(value.text);
        let text = text.trim();
        let kept = prefix(text, room);
        truncated = value.is_cut || kept.len() < text.len();
        room = room.saturating_sub(kept.len() + CELL_COST);
        places -= 1;
        cells.push(Cell { row, column, text: kept.to_owned(), ..Cell::default() });
        column = column.saturating_add(1);
        if value.ends_row {
            (row, column) = (row.saturating_add(1), 0);
        }
    }
    drop_empty_ends(&mut cells);
    mark_header(&mut cells);
    Numbers::of(&cells, dialect.delimiter).fill(&mut cells);
    let rows = cells.iter().map(|cell| cell.row + 1).max().unwrap_or(0);
    let columns = cells.iter().map(|cell| cell.column + 1).max().unwrap_or(0);
    (Table { rows, columns, cells, caption: None }, truncated)
}

/// Spreadsheets write delimiters as far as their sheet was ever used.
fn drop_empty_ends(cells: &mut Vec<Cell>) {
    let filled = || cells.iter().filter(|cell| !cell.text.is_empty());
    let columns = filled().map(|cell| cell.column + 1).max().unwrap_or(0);
    let rows = filled().map(|cell| cell.row + 1).max().unwrap_or(0);
    cells.retain(|cell| cell.column < columns && cell.row < rows);
}

/// The first row heads the columns where each of its cells has a name that is no number, and something follows it.
fn mark_header(cells: &mut [Cell]) {
    let columns = cells.iter().map(|cell| cell.column + 1).max().unwrap_or(0);
    let is_name = |cell: &Cell| {
        !cell.text.is_empty() && !cell.text.bytes().all(|byte| b"0123456789.,-+ ".contains(&byte))
    };
    let first = || cells.iter().take_while(|cell| cell.row == 0);
    let heads = cells.last().is_some_and(|cell| cell.row > 0)
        && first().all(is_name)
        && first().count() == columns as usize;
    if heads {
        cells.iter_mut().take_while(|cell| cell.row == 0).for_each(|cell| cell.header = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_table(text: &str, limits: &DocumentLimits) -> (Table, bool) {
        let (dialect, text) = dialect(text);
        table(text, dialect.unwrap(), limits)
    }

    fn texts(table: &Table) -> Vec<&str> {
        table.cells.iter().map(|cell| cell.text.as_str()).collect()
    }

    #[test]
    fn quoted_values_may_hold_delimiters_lines_and_quotes() {
        let (table, _) =
            read_table("nome;nota\n\"a;b\";\"diz \"\"olá\"\"\nduas vezes\"\n", &DocumentLimits::default());
        assert_eq!(texts(&table), ["nome", "nota", "a;b", "diz \"olá\"\nduas vezes"]);
        assert_eq!(grid::lines(&table).0, "nome\tnota\na;b\tdiz \"olá\" duas vezes");
        assert!(table.cells[0].header && !table.cells[2].header);
    }

    #[test]
    fn a_line_of_excel_says_the_delimiter() {
        let (table, _) = read_table("sep=|\na|b\n1|2,5\n", &DocumentLimits::default());
        assert_eq!(texts(&table), ["a", "b", "1", "2,5"]);
    }

    #[test]
    fn delimiters_behind_the_last_value_are_no_columns() {
        let (table, _) = read_table("a;b;;\n1;2;;\n;;;\n", &DocumentLimits::default());
        assert_eq!((table.rows, table.columns), (2, 2));
    }

    #[test]
    fn cells_beyond_the_limit_are_left_out() {
        let limits = DocumentLimits { cells: 5, ..DocumentLimits::default() };
        let (table, truncated) = read_table("a,b\n1,2\n3,4\n5,6\n", &limits);
        assert_eq!((table.cells.len(), truncated), (5, true));
    }

    #[test]
    fn a_huge_cell_is_cut() {
        let limits = DocumentLimits { text_bytes: 2000, ..DocumentLimits::default() };
        let text = format!("a,b\n1,\"{}\"\n2,3\n", "x".repeat(1_000_000));
        let (table, truncated) = read_table(&text, &limits);
        assert!(truncated);
        assert!(table.cells.iter().map(|cell| cell.text.len()).sum::<usize>() <= 1000);
    }
}
