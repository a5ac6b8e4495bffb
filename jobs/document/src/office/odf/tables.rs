//! How does a table of OpenDocument become a table of the model?

use super::super::super::model::Cell;
use super::super::grid::Grid;
use super::super::word::docx::joined;
use super::super::xml::Element;
use super::flow::Flow;

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
            heads += if is_head { repeated } else { 0 };
            let cells = self.cells(row);
            if cells.is_empty() {
                grid.skip_rows(repeated);
            } else if !(0..repeated).all(|_| self.row(&cells, &mut grid)) {
                break;
            }
        }
        grid.head(heads);
        if !grid.is_blank() {
            self.give(grid.block());
        }
    }

    /// The cells of a row, each with how often it is repeated. What is noted in them is noted once, however often they are.
    fn cells(&mut self, row: &Element) -> Vec<(u32, Cell)> {
        let mut cells = Vec::new();
        // Places that a span covers are told by `covered-table-cell`; the span itself tells them too.
        for cell in row.elements().filter(|it| &*it.name == "table-cell") {
            let text = joined(&self.apart(cell));
            let repeated = cell.number("number-columns-repeated").unwrap_or(1).clamp(1, MOST_REPEATED);
            let cell = Cell {
                text,
                column_span: cell.number("number-columns-spanned").unwrap_or(1),
                row_span: cell.number("number-rows-spanned").unwrap_or(1),
                value: cell.number("value").filter(|it: &f64| it.is_finite()),
                ..Cell::default()
            };
            cells.push((repeated, cell));
        }
        cells
    }

    /// Adds a row; no when no more cells fit.
    fn row(&mut self, cells: &[(u32, Cell)], grid: &mut Grid) -> bool {
        grid.begin_row();
        for (repeated, cell) in cells {
            for _ in 0..*repeated {
                if !self.output.held_fits(cell.text.len()) || !self.output.cell_fits() {
                    return false;
                }
                grid.add(cell.clone());
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
