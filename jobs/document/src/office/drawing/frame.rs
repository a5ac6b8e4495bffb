//! How does a table of a slide become a table of the model (DrawingML)?

use super::super::super::model::{Block, Cell};
use super::super::grid::Grid;
use super::super::ooxml::Relations;
use super::super::output::Output;
use super::super::word::docx::joined;
use super::super::xml::Element;
use super::words;

/// The block of `a:tbl`, unless it says nothing.
pub fn table(table: &Element, relations: &Relations, output: &mut Output<'_>) -> Option<Block> {
    let mut grid = Grid::default();
    for row in table.elements().filter(|it| &*it.name == "tr") {
        grid.begin_row();
        for cell in row.elements().filter(|it| &*it.name == "tc") {
            let is_covered =
                ["hMerge", "vMerge"].iter().any(|it| matches!(cell.attr(it), Some("1" | "true")));
            if is_covered {
                // Its place is held by the cell that covers it.
                continue;
            }
            if !output.cell_fits() {
                break;
            }
            let blocks =
                cell.child("txBody").map(|it| words::blocks(it, relations, &|_| None)).unwrap_or_default();
            let text = joined(&blocks);
            if !output.held_fits(text.len()) {
                break;
            }
            grid.add(Cell {
                text,
                column_span: cell.number("gridSpan").unwrap_or(1),
                row_span: cell.number("rowSpan").unwrap_or(1),
                ..Cell::default()
            });
        }
    }
    let look = table.child("tblPr").and_then(|it| it.attr("firstRow"));
    if matches!(look, Some("1" | "true")) {
        grid.head(1);
    }
    (!grid.is_blank()).then(|| grid.block())
}
