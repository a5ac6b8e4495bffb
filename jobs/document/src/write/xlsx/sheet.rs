//! How is a table written as a sheet? Frozen head, widths, rows, merged cells, in this order.

use std::io::{self, Write};

use super::super::super::model::{Cell, Table};
use super::super::grid::Grid;
use super::super::number::number;
use super::merges::Merges;
use super::style;
use super::xml::{HEAD, MAIN, cell_text, letters};

/// Rows of a sheet.
const MOST_ROWS: u32 = 1_048_576;

/// Rows of a head that stay in view; with more there would be no room for the others.
const MOST_FROZEN: u32 = 10;

/// The narrowest and the widest column, in characters.
const WIDTHS: (usize, usize) = (8, 60);

/// Writes a sheet; answers whether the whole table went in.
pub fn write<W: Write>(out: &mut W, table: &Table) -> io::Result<bool> {
    let grid = Grid::of(table);
    let cells = grid.cells();
    let fitting = cells.partition_point(|cell| cell.row < MOST_ROWS);
    let cells = cells.get(..fitting).unwrap_or_default();
    write!(out, r#"{HEAD}<worksheet xmlns="{MAIN}">"#)?;
    write_view(out, frozen_rows(cells))?;
    write_widths(out, cells)?;
    out.write_all(b"<sheetData>")?;
    let last = (table.rows.clamp(1, MOST_ROWS) - 1, grid.columns().max(1) - 1);
    let mut merges = Merges::default();
    for row in cells.chunk_by(|one, other| one.row == other.row) {
        write_row(out, row)?;
        row.iter().for_each(|cell| merges.add(cell, last));
    }
    out.write_all(b"</sheetData>")?;
    write_merges(out, merges)?;
    out.write_all(b"</worksheet>")?;
    Ok(cells.len() == table.cells.len())
}

/// The rows at the top that are nothing but headers.
fn frozen_rows(cells: &[&Cell]) -> u32 {
    let rows = cells.chunk_by(|one, other| one.row == other.row);
    let heads = (0..MOST_FROZEN)
        .zip(rows)
        .take_while(|(number, row)| row.iter().all(|cell| cell.row == *number && cell.header));
    u32::try_from(heads.count()).unwrap_or(MOST_FROZEN)
}

fn write_view<W: Write>(out: &mut W, frozen: u32) -> io::Result<()> {
    out.write_all(br#"<sheetViews><sheetView workbookViewId="0""#)?;
    if frozen == 0 {
        return out.write_all(b"/></sheetViews>");
    }
    let first = frozen + 1;
    write!(
        out,
        r#"><pane ySplit="{frozen}" topLeftCell="A{first}" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews>"#
    )
}

/// Columns are as wide as the longest line that stands in them alone.
fn write_widths<W: Write>(out: &mut W, cells: &[&Cell]) -> io::Result<()> {
    let mut widths: Vec<usize> = Vec::new();
    for cell in cells.iter().filter(|cell| cell.column_span <= 1) {
        let column = cell.column as usize;
        if widths.len() <= column {
            widths.resize(column + 1, 0);
        }
        let longest = cell.text.lines().map(|line| line.chars().take(WIDTHS.1).count()).max().unwrap_or(0);
        if let Some(width) = widths.get_mut(column) {
            *width = longest.max(*width);
        }
    }
    if widths.is_empty() {
        return Ok(());
    }
    out.write_all(b"<cols>")?;
    for (column, width) in (1..).zip(widths) {
        let width = (width + 2).clamp(WIDTHS.0, WIDTHS.1);
        write!(out, r#"<col min="{column}" max="{column}" width="{width}" customWidth="1"/>"#)?;
    }
    out.write_all(b"</cols>")
}

fn write_row<W: Write>(out: &mut W, row: &[&Cell]) -> io::Result<()> {
    let Some(first) = row.first() else { return Ok(()) };
    let number = first.row + 1;
    write!(out, r#"<row r="{number}">"#)?;
    for cell in row.iter().filter(|cell| !cell.text.is_empty()) {
        write_cell(out, cell, number)?;
    }
    out.write_all(b"</row>")
}

fn write_cell<W: Write>(out: &mut W, cell: &Cell, row: u32) -> io::Result<()> {
    let place = letters(cell.column);
    let typed = if cell.header { None } else { number(&cell.text, cell.value) };
    if let Some(typed) = typed {
        let style = style::of_number(&typed);
        return write!(out, r#"<c r="{place}{row}" s="{style}"><v>{}</v></c>"#, typed.value);
    }
    let style = if cell.header { style::HEADER } else { style::TEXT };
    let text = cell_text(&cell.text);
    write!(
        out,
        r#"<c r="{place}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#
    )
}

fn write_merges<W: Write>(out: &mut W, merges: Merges) -> io::Result<()> {
    let mut ranges = merges.into_ranges().peekable();
    if ranges.peek().is_none() {
        return Ok(());
    }
    out.write_all(b"<mergeCells>")?;
    for range in ranges {
        let (start, end) = (letters(range.start.1), letters(range.end.1));
        write!(out, r#"<mergeCell ref="{start}{}:{end}{}"/>"#, range.start.0 + 1, range.end.0 + 1)?;
    }
    out.write_all(b"</mergeCells>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(cells: Vec<Cell>) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes, &Table { rows: 9, columns: 9, cells, caption: None }).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn cell(row: u32, column: u32, header: bool) -> Cell {
        Cell { row, column, header, text: "12".into(), ..Cell::default() }
    }

    #[test]
    fn rows_of_headers_stay_in_view() {
        let text = sheet(vec![cell(0, 0, true), cell(1, 0, true), cell(2, 0, true), cell(2, 1, false)]);
        assert!(text.contains(r#"ySplit="2" topLeftCell="A3""#), "{text}");
        assert!(!sheet(vec![cell(0, 0, false), cell(1, 0, true)]).contains("pane"));
    }

    #[test]
    fn a_header_is_a_bold_text_and_no_number() {
        let text = sheet(vec![cell(0, 0, true), cell(1, 0, false)]);
        assert!(text.contains(r#"<c r="A1" s="2" t="inlineStr">"#) && text.contains("<v>12</v>"), "{text}");
    }
}
