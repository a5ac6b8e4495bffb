//! How does a table look as a plain grid? Rows of texts; a place that a span covers is empty.

use super::super::model::{Cell, Table};

/// Columns of a grid; spreadsheets have no more.
const MOST_COLUMNS: u32 = 16_384;

/// Places of a grid, so that a few cells far apart do not become gigabytes of emptiness.
const MOST_PLACES: u64 = 4_000_000;

/// Places for each cell before rows without any cell are left out.
const SPARSE: u64 = 64;

/// The cells of a table by their rows, in bounds.
pub struct Grid<'a> {
    cells: Vec<&'a Cell>,
    columns: u32,
    rows: u32,
    /// Whether rows without a cell are left out.
    dense: bool,
}

impl<'a> Grid<'a> {
    /// Of a table whose sizes and order nobody has to trust.
    pub fn of(table: &'a Table) -> Self {
        let mut cells: Vec<&Cell> = table.cells.iter().filter(|cell| cell.column < MOST_COLUMNS).collect();
        // Stable, and quick where the cells are in order already.
        cells.sort_by_key(|cell| (cell.row, cell.column));
        cells.dedup_by_key(|cell| (cell.row, cell.column));
        let (mut columns, mut rows) = (0, 0);
        for cell in &cells {
            columns = columns.max(reach(cell.column, cell.column_span, table.columns));
            rows = rows.max(reach(cell.row, cell.row_span, table.rows));
        }
        let columns = columns.min(MOST_COLUMNS);
        let places = u64::from(rows) * u64::from(columns);
        let dense = places > (cells.len() as u64 * SPARSE).min(MOST_PLACES);
        Self { cells, columns, rows, dense }
    }

    /// Cells in the order of rows and columns, no two at one place.
    pub fn cells(&self) -> &[&'a Cell] {
        &self.cells
    }

    /// How many columns each row has.
    pub fn columns(&self) -> u32 {
        self.columns
    }

    /// How many rows are written.
    pub fn row_count(&self) -> u64 {
        if self.dense {
            return self.cells.chunk_by(|one, other| one.row == other.row).count() as u64;
        }
        u64::from(self.rows)
    }

    /// Which row of the table is written after `place` others.
    pub fn row_at(&self, place: u64) -> u32 {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        if self.dense {
            let mut rows = self.cells.chunk_by(|one, other| one.row == other.row).filter_map(<[_]>::first);
            return rows.nth(place).map_or(self.rows, |cell| cell.row);
        }
        u32::try_from(place).unwrap_or(u32::MAX).min(self.rows)
    }

    /// The rows, one after the other.
    pub fn rows(&self) -> impl Iterator<Item = Vec<&'a str>> + '_ {
        let most = MOST_PLACES / u64::from(self.columns.max(1));
        Rows { grid: self, row: 0, next: 0 }.take(usize::try_from(most).unwrap_or(usize::MAX))
    }
}

/// How far a cell reaches: over its span, but the span not beyond what the table says of its size.
fn reach(at: u32, span: u32, size: u32) -> u32 {
    let own = at.saturating_add(1);
    at.saturating_add(span).min(size).max(own)
}

struct Rows<'g, 'a> {
    grid: &'g Grid<'a>,
    row: u32,
    next: usize,
}

impl<'a> Iterator for Rows<'_, 'a> {
    type Item = Vec<&'a str>;

    fn next(&mut self) -> Option<Self::Item> {
        let waiting = self.grid.cells.get(self.next);
        if self.grid.dense {
            self.row = waiting?.row;
        } else if self.row >= self.grid.rows {
            return None;
        }
        let mut texts = vec![""; self.grid.columns as usize];
        while let Some(cell) = self.grid.cells.get(self.next).filter(|cell| cell.row == self.row) {
            if let Some(place) = texts.get_mut(cell.column as usize) {
                *place = cell.text.as_str();
            }
            self.next += 1;
        }
        self.row = self.row.saturating_add(1);
        Some(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(row: u32, column: u32, text: &str) -> Cell {
        Cell { row, column, text: text.into(), ..Cell::default() }
    }

    fn rows(table: &Table) -> Vec<Vec<&str>> {
        Grid::of(table).rows().collect()
    }

    #[test]
    fn covered_places_are_empty() {
        let wide = Cell { column_span: 2, row_span: 2, ..cell(0, 0, "a") };
        let table =
            Table { rows: 2, columns: 3, cells: vec![wide, cell(0, 2, "b"), cell(1, 2, "c")], caption: None };
        assert_eq!(rows(&table), [["a", "", "b"], ["", "", "c"]]);
    }

    #[test]
    fn cells_out_of_order_find_their_places() {
        let cells = vec![cell(1, 1, "d"), cell(0, 1, "b"), cell(0, 0, "a"), cell(0, 0, "again")];
        assert_eq!(rows(&Table { rows: 2, columns: 2, cells, caption: None }), [["a", "b"], ["", "d"]]);
    }

    #[test]
    fn two_cells_far_apart_are_two_rows() {
        let far = Cell { row_span: u32::MAX, column_span: u32::MAX, ..cell(u32::MAX, 16_000, "z") };
        let table =
            Table { rows: u32::MAX, columns: u32::MAX, cells: vec![cell(0, 0, "a"), far], caption: None };
        let grid = Grid::of(&table);
        assert_eq!((grid.rows().count(), grid.columns()), (2, MOST_COLUMNS));
    }

    #[test]
    fn a_diagonal_of_cells_ends_at_the_limit() {
        let cells = (0..MOST_COLUMNS).map(|n| cell(n, n, "x")).collect();
        let table = Table { rows: MOST_COLUMNS, columns: MOST_COLUMNS, cells, caption: None };
        assert_eq!(Grid::of(&table).rows().count() as u64, MOST_PLACES / u64::from(MOST_COLUMNS));
    }

    #[test]
    fn a_table_without_cells_has_no_rows() {
        assert!(rows(&Table { rows: 9, columns: 9, ..Table::default() }).is_empty());
    }
}
