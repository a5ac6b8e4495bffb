//! How is a table written? A row a line, the first one as the head.

use std::io::{self, Write};

use super::super::super::model::Table;
use super::super::grid::Grid;
use super::inline::inline;
use super::spans::Place;

/// Writes a table that has a text in some cell. Rows and columns that a span covers are empty; rows without any text are
/// left out. Markdown knows no table without a head, so the first row is it, whether it is a header or not.
pub fn write<W: Write>(out: &mut W, table: &Table) -> io::Result<()> {
    let grid = Grid::of(table);
    let mut head = true;
    for row in grid.rows() {
        if row.iter().all(|text| text.trim().is_empty()) {
            continue;
        }
        write_row(out, &row)?;
        if head {
            writeln!(out, "|{}", " --- |".repeat(row.len()))?;
            head = false;
        }
    }
    Ok(())
}

fn write_row<W: Write>(out: &mut W, row: &[&str]) -> io::Result<()> {
    out.write_all(b"|")?;
    for text in row {
        if text.is_empty() {
            out.write_all(b"  |")?;
            continue;
        }
        match inline(text, &[], Place::Cell) {
            cell if cell.is_empty() => out.write_all(b"  |")?,
            cell => write!(out, " {cell} |")?,
        }
    }
    out.write_all(b"\n")
}

/// Whether there is anything to write.
pub fn has_text(table: &Table) -> bool {
    table.cells.iter().any(|cell| cell.text.chars().any(|c| !c.is_whitespace() && !c.is_control()))
}
