//! How does a table of a chapter become a table of the model?

use super::super::super::model::{Block, BlockKind, Cell};
use super::super::grid::Grid;
use super::super::lines::{Look, plain};
use super::super::output::Output;
use super::super::word::docx::joined;
use super::super::xml::Element;
use super::chapter::Chapter;

/// The most rows that a cell covers (HTML, 4.9.11).
const MOST_ROWS: u32 = 65_534;
/// The most columns that a cell covers.
const MOST_COLUMNS: u32 = 1_000;

/// The caption of a table, and the table.
pub fn blocks(table: &Element, output: &mut Output<'_>) -> Vec<Block> {
    let mut rows = Vec::new();
    rows_of(table, false, &mut rows);
    let mut grid = Grid::default();
    let mut heads = 0;
    for (place, (row, is_head)) in rows.iter().enumerate() {
        grid.begin_row();
        let mut all_heads = true;
        for cell in row.elements().filter(|it| matches!(&*it.name, "td" | "th")) {
            if !output.cell_fits() {
                break;
            }
            all_heads &= &*cell.name == "th";
            let mut inner = Chapter::new(output);
            inner.children(cell, &Look::default());
            let text = joined(&inner.finish());
            if !output.held_fits(text.len()) {
                break;
            }
            grid.add(Cell {
                text,
                column_span: cell.number("colspan").unwrap_or(1).min(MOST_COLUMNS),
                row_span: cell.number("rowspan").unwrap_or(1).min(MOST_ROWS),
                header: &*cell.name == "th",
                ..Cell::default()
            });
        }
        if heads == place && (*is_head || all_heads) {
            heads += 1;
        }
    }
    grid.head(u32::try_from(heads).unwrap_or_default());
    let mut blocks = Vec::new();
    if let Some(caption) = table.child("caption") {
        let mut inner = Chapter::new(output);
        inner.children(caption, &Look::default());
        blocks.push(plain(BlockKind::Paragraph, &joined(&inner.finish())));
    }
    if !grid.is_blank() {
        blocks.push(grid.block());
    }
    blocks
}

fn rows_of<'t>(parent: &'t Element, is_head: bool, rows: &mut Vec<(&'t Element, bool)>) {
    for element in parent.elements() {
        match &*element.name {
            "tr" => rows.push((element, is_head)),
            "thead" => rows_of(element, true, rows),
            "tbody" | "tfoot" => rows_of(element, is_head, rows),
            _ => {}
        }
    }
}
