//! How do rows of cells with spans become a table?

use std::collections::BTreeMap;

use super::super::model::{Block, BlockKind, Cell, Table};

/// More columns than any program writes.
const MOST_COLUMNS: u32 = 16_384;
/// More rows than any program writes.
const MOST_ROWS: u32 = 1_048_576;

/// How many places cells may hold in rows below and be passed over there; past that they do not reach down.
const MOST_REACHED: u64 = 2_000_000;
/// How many tabs a text has for places that nothing stands in.
const WIDEST_GAP: u32 = 64;
/// How often the text of a table repeats what covers several places, a long text counting more than once.
const MOST_REPEATS: usize = 20_000;
/// How long a text is that counts once.
const USUAL_TEXT: usize = 100;

/// A table that grows row by row.
#[derive(Debug, Default)]
pub struct Grid {
    cells: Vec<Cell>,
    row: u32,
    column: u32,
    rows: u32,
    columns: u32,
    /// Of columns that cells of rows above reach into: the row that is free again.
    held: BTreeMap<u32, u32>,
    /// How many places were held and passed over so far.
    reached: u64,
    /// The lowest cell that begins in a column.
    lowest: BTreeMap<u32, usize>,
}

impl Grid {
    /// Begins the first row, or the next one.
    pub fn begin_row(&mut self) {
        self.row = self.rows;
        self.rows = self.rows.saturating_add(1).min(MOST_ROWS);
        self.column = 0;
    }

    /// Leaves `rows` rows empty.
    pub fn skip_rows(&mut self, rows: u32) {
        self.rows = self.rows.saturating_add(rows).min(MOST_ROWS);
    }

    /// Leaves `columns` places empty.
    pub fn skip(&mut self, columns: u32) {
        self.column = self.column.saturating_add(columns).min(MOST_COLUMNS);
    }

    /// Adds a cell at the next place that no cell of a row above covers; where its text and spans stand.
    pub fn add(&mut self, mut cell: Cell) {
        while self.reached < MOST_REACHED && self.held.get(&self.column).is_some_and(|free| *free > self.row)
        {
            self.column += 1;
            self.reached += 1;
        }
        if self.column >= MOST_COLUMNS || self.rows == 0 {
            return;
        }
        cell.row = self.row;
        cell.column = self.column;
        cell.column_span = cell.column_span.clamp(1, MOST_COLUMNS - self.column);
        cell.row_span = cell.row_span.clamp(1, MOST_ROWS);
        self.column += cell.column_span;
        self.columns = self.columns.max(self.column);
        let reached = u64::from(cell.column_span);
        if cell.row_span > 1 && self.reached.saturating_add(reached) <= MOST_REACHED {
            self.reached += reached;
            for column in cell.column..self.column {
                self.held.insert(column, cell.row.saturating_add(cell.row_span));
            }
        }
        self.lowest.insert(cell.column, self.cells.len());
        self.cells.push(cell);
    }

    /// Lets the lowest cell that begins in the next column reach down into this row; no if there is none.
    pub fn continue_above(&mut self, column_span: u32) -> bool {
        let (row, column) = (self.row, self.column);
        let above = self.lowest.get(&column).and_then(|place| self.cells.get_mut(*place));
        let above = above.filter(|cell| cell.row < row && cell.row.saturating_add(cell.row_span) == row);
        let found = above.is_some();
        if let Some(cell) = above {
            cell.row_span += 1;
        }
        self.skip(column_span);
        self.columns = self.columns.max(self.column);
        found
    }

    /// Marks the first `rows` rows as headings.
    pub fn head(&mut self, rows: u32) {
        for cell in self.cells.iter_mut().take_while(|cell| cell.row < rows) {
            cell.header = true;
        }
    }

    /// Whether no cell says anything.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.text.trim().is_empty())
    }

    /// The block that it makes. Rows and columns at the end that nothing stands in are left out.
    pub fn block(mut self) -> Block {
        let rows = self.cells.iter().map(|cell| cell.row + 1).max().unwrap_or_default();
        for cell in &mut self.cells {
            cell.row_span = cell.row_span.min(rows - cell.row);
        }
        table(Table { rows, columns: self.columns, cells: self.cells, caption: None })
    }
}

/// The block of a table, with its text.
pub fn table(table: Table) -> Block {
    let text = text(&table);
    Block { kind: BlockKind::Table(table), text, ..Block::default() }
}

/// A line a row, cells apart by tabs. `cells` stand row by row. What covers several places is said in each of them, so that
/// every line can be read by itself; what covers a whole row is said once. A wide gap is shown narrower, so that tabs alone
/// never make a text long.
fn text(table: &Table) -> String {
    let mut text = String::new();
    let mut repeats = MOST_REPEATS;
    // Cells of rows above that reach down, by their first columns.
    let mut reaching: BTreeMap<u32, &Cell> = BTreeMap::new();
    let mut cells = table.cells.as_slice();
    while let Some(first) = cells.first() {
        let row = first.row;
        let (own, rest) = cells.split_at(cells.iter().take_while(|cell| cell.row == row).count());
        cells = rest;
        reaching.retain(|_, cell| cell.row.saturating_add(cell.row_span) > row);
        let mut column = 0;
        let above = reaching.values().map(|cell| weight(cell)).sum::<usize>();
        if above > repeats {
            // No row says any more what reaches into it, and none looks for it.
            repeats = 0;
            reaching.clear();
        }
        if !reaching.is_empty() {
            repeats -= above;
            let mut all: Vec<&Cell> = reaching.values().copied().chain(own).collect();
            all.sort_by_key(|cell| cell.column);
            all.iter().for_each(|cell| add(&mut text, cell, table.columns, &mut column, &mut repeats));
        } else {
            own.iter().for_each(|cell| add(&mut text, cell, table.columns, &mut column, &mut repeats));
        }
        text.truncate(text.trim_end_matches('\t').len());
        text.push('\n');
        if own.len() < repeats {
            reaching.extend(own.iter().filter(|cell| cell.row_span > 1).map(|cell| (cell.column, cell)));
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Adds a cell to its line, as often as it has columns. `column` is the one where the line has come to.
fn add(text: &mut String, cell: &Cell, columns: u32, column: &mut u32, repeats: &mut usize) {
    let gap = cell.column.saturating_sub(*column).min(WIDEST_GAP);
    text.extend(std::iter::repeat_n('\t', gap as usize));
    let covers_row = cell.column_span >= columns;
    let times = if covers_row { 1 } else { cell.column_span.min(WIDEST_GAP) as usize };
    let again = (times - 1) * weight(cell);
    let times = if again <= *repeats { times } else { 1 };
    *repeats -= if times > 1 { again } else { 0 };
    for time in 0..times {
        if time > 0 {
            text.push('\t');
        }
        for (place, line) in cell.text.lines().enumerate() {
            if place > 0 {
                text.push(' ');
            }
            text.push_str(line.trim());
        }
    }
    *column = cell.column.saturating_add(u32::try_from(times.max(1)).unwrap_or(1)) - 1;
}

/// How often the text of a cell counts where it is repeated.
fn weight(cell: &Cell) -> usize {
    1 + cell.text.len() / USUAL_TEXT
}

/// The table of `rows` of texts, the first one its heading.
pub fn of_rows(rows: Vec<Vec<(String, Option<f64>)>>) -> Block {
    let mut grid = Grid::default();
    for row in rows {
        grid.begin_row();
        for (text, value) in row {
            grid.add(Cell { text, value, ..Cell::default() });
        }
    }
    grid.head(1);
    grid.block()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str, row_span: u32, column_span: u32) -> Cell {
        Cell { text: text.to_owned(), row_span, column_span, ..Cell::default() }
    }

    #[test]
    fn cells_move_past_those_that_reach_down_from_above() {
        let mut grid = Grid::default();
        grid.begin_row();
        grid.add(cell("a", 2, 1));
        grid.add(cell("b", 1, 2));
        grid.begin_row();
        grid.add(cell("c", 1, 1));
        let block = grid.block();
        assert_eq!(block.text, "a\tb\tb\na\tc");
        let BlockKind::Table(table) = block.kind else { panic!("no table") };
        assert_eq!((table.rows, table.columns), (2, 3));
    }

    #[test]
    fn a_cell_can_be_told_afterwards_to_reach_down() {
        let mut grid = Grid::default();
        for text in ["a", "", ""] {
            grid.begin_row();
            if text.is_empty() {
                assert!(grid.continue_above(1));
            } else {
                grid.add(cell(text, 1, 1));
            }
            grid.add(cell("x", 1, 1));
        }
        let BlockKind::Table(table) = grid.block().kind else { panic!("no table") };
        assert_eq!(table.cells[0].row_span, 3);
    }

    #[test]
    fn a_long_text_is_not_said_in_every_row_that_it_reaches_into() {
        let mut grid = Grid::default();
        grid.begin_row();
        grid.add(cell(&"x".repeat(1_000_000), u32::MAX, 1));
        grid.add(cell("a", 1, 1));
        for _ in 0..1_000 {
            grid.begin_row();
            grid.add(cell("b", 1, 1));
        }
        assert!(grid.block().text.len() < 4_000_000);
    }

    #[test]
    fn rows_that_wide_cells_reach_over_are_passed_over_so_often_and_not_more() {
        let mut grid = Grid::default();
        grid.begin_row();
        for _ in 0..MOST_COLUMNS {
            grid.add(cell("a", u32::MAX, 1));
        }
        for _ in 0..500_000 {
            grid.begin_row();
        }
        grid.skip_rows(7);
        grid.begin_row();
        grid.add(cell("b", 1, 1));
        assert!(grid.reached <= MOST_REACHED);
        let BlockKind::Table(table) = grid.block().kind else { panic!("no table") };
        assert_eq!((table.rows, table.cells.len()), (1, MOST_COLUMNS as usize));
    }

    #[test]
    fn spans_past_the_end_are_cut() {
        let mut grid = Grid::default();
        grid.begin_row();
        grid.add(cell("a", u32::MAX, u32::MAX));
        let BlockKind::Table(table) = grid.block().kind else { panic!("no table") };
        assert_eq!((table.rows, table.cells[0].row_span, table.columns), (1, 1, MOST_COLUMNS));
    }
}
