//! How does a table of OpenDocument become a table of the model?

use super::super::super::model::Cell;
use super::super::grid::Grid;
use super::super::word::docx::joined;
use super::super::xml::Element;
use super::flow::{Flow, Item};

/// How often a row or a cell is repeated in a text; more is filling.
const MOST_REPEATED: u32 = 1_000;

impl Flow<'_, '_> {
    /// Adds the table. A table of one cell is a frame: what is in it stands for itself.
    pub fn table(&mut self, table: &Element) {
        let mut rows = Vec::new();
        rows_of(table, false, &mut rows);
        if let [(row, _)] = rows.as_slice() {
            let mut cells = row.elements().filter(|it| it.name.ends_with("table-cell"));
            if let (Some(cell), None) = (cells.next(), cells.next()) {
                return self.elements(cell);
            }
        }
        let mut grid = Grid::default();
        let mut heads = 0;
        for (row, is_head) in rows {
            let repeated = row.number("number-rows-repeated").unwrap_or(1).clamp(1, MOST_REPEATED);
            for _ in 0..repeated {
                grid.begin_row();
                heads += u32::from(is_head);
                if !self.row(row, &mut grid) {
                    break;
                }
            }
        }
        grid.head(heads);
        if !grid.is_blank() {
            self.items.push(Item::Block(grid.block()));
        }
    }

    /// Adds a row; no when no more cells fit.
    fn row(&mut self, row: &Element, grid: &mut Grid) -> bool {
        // Places that a span covers are told by `covered-table-cell`; the span itself tells them too.
        for cell in row.elements().filter(|it| &*it.name == "table-cell") {
            let text = joined(&self.apart(cell));
            let repeated = cell.number("number-columns-repeated").unwrap_or(1).clamp(1, MOST_REPEATED);
            for copy in 0..repeated {
                // The first one was charged as it was read.
                let is_charged = copy == 0 || self.output.text_fits(text.len());
                if !is_charged || !self.output.cell_fits() {
                    return false;
                }
                grid.add(Cell {
                    text: text.clone(),
                    column_span: cell.number("number-columns-spanned").unwrap_or(1),
                    row_span: cell.number("number-rows-spanned").unwrap_or(1),
                    value: cell.number("value").filter(|it: &f64| it.is_finite()),
                    ..Cell::default()
                });
            }
        }
        true
    }
}

/// The rows of a table, in whatever groups they stand, and whether they are its heading.
fn rows_of<'t>(parent: &'t Element, is_head: bool, rows: &mut Vec<(&'t Element, bool)>) {
    for element in parent.elements() {
        match &*element.name {
            "table-row" => rows.push((element, is_head)),
            "table-header-rows" => rows_of(element, true, rows),
            "table-rows" | "table-row-group" => rows_of(element, is_head, rows),
            _ => {}
        }
    }
}
