//! How does a grid with words become a table? Cells get their text, what is empty throughout goes, what heads it is found.

use std::collections::BTreeMap;

use super::super::geometry::{Area, around};
use super::super::line::{self, Line};
use super::super::prose::{Compounds, plain};
use super::super::word::Word;
use super::grid::{Grid, Slot};
use crate::model::{Cell, Rect, Table};

/// A table in the making: the lines of each cell.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The grid.
    pub grid: Grid,
    /// Of each slot of the grid, its lines from top to bottom.
    pub lines: Vec<Vec<Line>>,
}

/// A table, and where it is.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where it is.
    pub bounds: Rect,
    /// What it is.
    pub table: Table,
}

impl Draft {
    /// Puts words into the cells of a grid, each where its middle lies.
    pub fn filled(grid: Grid, words: Vec<Word>) -> Self {
        let columns = grid.columns();
        let mut of_place = vec![usize::MAX; grid.rows() * columns];
        for (index, slot) in grid.slots.iter().enumerate() {
            for row in slot.row..slot.row + slot.rows {
                for column in slot.column..slot.column + slot.columns {
                    if let Some(place) = of_place.get_mut(row * columns + column) {
                        *place = index;
                    }
                }
            }
        }
        let mut of_slot: Vec<Vec<Word>> = vec![Vec::new(); grid.slots.len()];
        for word in words {
            let row = within(&grid.ys, word.bounds.centre());
            let column = within(&grid.xs, word.bounds.middle());
            let slot = of_place.get(row * columns + column).and_then(|&slot| of_slot.get_mut(slot));
            if let Some(slot) = slot {
                slot.push(word);
            }
        }
        let lines = of_slot.into_iter().map(line::lines).collect();
        Self { grid, lines }
    }

    /// How many slots have text.
    pub fn full(&self) -> usize {
        self.lines.iter().filter(|lines| !lines.is_empty()).count()
    }

    /// How many rows, and how many columns, have text in a cell of their own.
    pub fn used(&self) -> (usize, usize) {
        let mut rows = vec![false; self.grid.rows()];
        let mut columns = vec![false; self.grid.columns()];
        for (slot, _) in self.cells().filter(|(_, lines)| !lines.is_empty()) {
            if let Some(row) = rows.get_mut(slot.row) {
                *row = true;
            }
            if let Some(column) = columns.get_mut(slot.column) {
                *column = true;
            }
        }
        (rows.iter().filter(|used| **used).count(), columns.iter().filter(|used| **used).count())
    }

    /// The cells with their lines.
    pub fn cells(&self) -> impl Iterator<Item = (&Slot, &Vec<Line>)> {
        self.grid.slots.iter().zip(&self.lines)
    }

    /// The table; `shaded` are the filled areas of the page, which may tell what heads it.
    pub fn found(mut self, compounds: &Compounds, shaded: &[Rect]) -> Found {
        let bounds = self.grid.bounds();
        self.drop_empty();
        let heads = self.heads(shaded);
        let cell = |(slot, lines): (&Slot, &Vec<Line>)| {
            let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
            Cell {
                row: number(slot.row),
                column: number(slot.column),
                row_span: number(slot.rows),
                column_span: number(slot.columns),
                header: slot.row < heads,
                text: plain(lines, compounds),
                value: None,
                bounds: Some(self.slot_box(slot)),
            }
        };
        let table = Table {
            rows: u32::try_from(self.grid.rows()).unwrap_or(u32::MAX),
            columns: u32::try_from(self.grid.columns()).unwrap_or(u32::MAX),
            cells: self.cells().map(cell).collect(),
            caption: None,
        };
        Found { bounds, table }
    }

    fn slot_box(&self, slot: &Slot) -> Rect {
        let edge = |list: &[f32], at: usize| list.get(at).copied().unwrap_or_default();
        Rect {
            x0: edge(&self.grid.xs, slot.column),
            y0: edge(&self.grid.ys, slot.row),
            x1: edge(&self.grid.xs, slot.column + slot.columns),
            y1: edge(&self.grid.ys, slot.row + slot.rows),
        }
    }

    /// Takes out rows and columns in which no cell starts that says something.
    fn drop_empty(&mut self) {
        let mut rows = vec![false; self.grid.rows()];
        let mut columns = vec![false; self.grid.columns()];
        for (slot, _) in self.grid.slots.iter().zip(&self.lines).filter(|(_, lines)| !lines.is_empty()) {
            // A cell that covers several needs the first of them; the others stand by what else starts in them.
            if let (Some(row), Some(column)) = (rows.get_mut(slot.row), columns.get_mut(slot.column)) {
                (*row, *column) = (true, true);
            }
        }
        let (row_of, column_of) = (renumbered(&rows), renumbered(&columns));
        let count = |numbers: &[usize], from: usize, many: usize| {
            let at = |index: usize| numbers.get(index).copied().unwrap_or_default();
            (at(from), at(from + many) - at(from))
        };
        let mut kept = Vec::new();
        let mut lines = Vec::new();
        for (slot, text) in self.grid.slots.iter().zip(std::mem::take(&mut self.lines)) {
            let (row, high) = count(&row_of, slot.row, slot.rows);
            let (column, wide) = count(&column_of, slot.column, slot.columns);
            if high > 0 && wide > 0 {
                kept.push(Slot { row, column, rows: high, columns: wide });
                lines.push(text);
            }
        }
        self.lines = lines;
        self.grid.slots = kept;
        self.grid.ys = edges(&self.grid.ys, &rows);
        self.grid.xs = edges(&self.grid.xs, &columns);
    }

    /// How many of the first rows head the table.
    fn heads(&self, shaded: &[Rect]) -> usize {
        let mut rows: BTreeMap<usize, Vec<(&Slot, &Vec<Line>)>> = BTreeMap::new();
        for (slot, lines) in self.cells().filter(|(_, lines)| !lines.is_empty()) {
            rows.entry(slot.row).or_default().push((slot, lines));
        }
        let is_bold = |row: &[(&Slot, &Vec<Line>)]| {
            row.iter().all(|(_, lines)| lines.iter().all(|line| line.is_all(|word| word.style.bold)))
        };
        let shade = |row: &[(&Slot, &Vec<Line>)]| {
            row.iter().all(|(slot, _)| {
                let cell = self.slot_box(slot);
                shaded
                    .iter()
                    .any(|area| area.holds(&cell, 0.0) && area.height() < 2.0 * cell.height().max(10.0))
            })
        };
        let is_number = |lines: &[Line]| lines.iter().all(|line| super::number::is_number(&line.text()));
        let count = rows.len();
        type Test<'t> = &'t dyn Fn(&[(&Slot, &Vec<Line>)]) -> bool;
        let leading = |test: Test<'_>| rows.values().take_while(|row| test(row)).count();
        for heads in [leading(&is_bold), leading(&shade)] {
            if heads > 0 && heads <= 3.min(count / 2) {
                // A title that covers several columns and the names below it head the table together.
                return rows.keys().nth(heads).copied().unwrap_or(heads);
            }
        }
        let Some(first) = rows.get(&0) else { return 0 };
        // Words over columns of numbers.
        let numbers_below = |column: usize| {
            let below =
                rows.values().skip(1).filter_map(|row| row.iter().find(|(slot, _)| slot.column == column));
            let (all, numbers) = below.fold((0, 0), |(all, numbers), (_, lines)| {
                (all + 1, numbers + usize::from(is_number(lines)))
            });
            all > 0 && numbers * 2 > all
        };
        let words = first.iter().filter(|(_, lines)| !is_number(lines)).count();
        let over_numbers = first.iter().any(|(slot, lines)| !is_number(lines) && numbers_below(slot.column));
        usize::from(words == first.len() && over_numbers && count > 1)
    }
}

/// The index of the last edge that lies before a place; of the places before all edges, the first.
pub fn within(edges: &[f32], place: f32) -> usize {
    let most = edges.len().saturating_sub(2);
    edges.partition_point(|edge| *edge <= place).saturating_sub(1).min(most)
}

/// Of each old number, how many before it are kept.
fn renumbered(kept: &[bool]) -> Vec<usize> {
    let mut numbers = vec![0];
    let mut count = 0;
    for &is_kept in kept {
        count += usize::from(is_kept);
        numbers.push(count);
    }
    numbers
}

/// The edges that are left; a row or column that goes gives its room to the one before it.
fn edges(all: &[f32], kept: &[bool]) -> Vec<f32> {
    let mut left: Vec<f32> =
        all.iter().zip(kept).filter(|(_, is_kept)| **is_kept).map(|(edge, _)| *edge).collect();
    left.extend(all.last());
    left
}

/// The box around some lines.
pub fn lines_box(lines: &[Line]) -> Option<Rect> {
    around(lines.iter().map(|line| &line.bounds))
}

#[cfg(test)]
mod tests {
    use super::super::super::line::tests::word;
    use super::*;

    fn texts(found: &Found) -> Vec<(u32, u32, u32, &str)> {
        found
            .table
            .cells
            .iter()
            .map(|cell| (cell.row, cell.column, cell.column_span, cell.text.as_str()))
            .collect()
    }

    #[test]
    fn words_go_into_the_cells_that_they_stand_in() {
        let grid = Grid::plain(vec![0.0, 50.0, 100.0], vec![0.0, 20.0, 40.0]);
        let words = vec![
            word("Nome", 2.0, 14.0),
            word("Total", 52.0, 14.0),
            word("Ana", 2.0, 34.0),
            word("12,50", 52.0, 34.0),
        ];
        let found = Draft::filled(grid, words).found(&Compounds::default(), &[]);
        assert_eq!(
            texts(&found),
            [(0, 0, 1, "Nome"), (0, 1, 1, "Total"), (1, 0, 1, "Ana"), (1, 1, 1, "12,50")]
        );
        let heads: Vec<bool> = found.table.cells.iter().map(|cell| cell.header).collect();
        assert_eq!(heads, [true, true, false, false]);
    }

    #[test]
    fn columns_that_are_empty_throughout_are_left_out() {
        let mut grid = Grid::plain(vec![0.0, 50.0, 60.0, 100.0], vec![0.0, 20.0]);
        grid.slots = vec![
            Slot { row: 0, column: 0, rows: 1, columns: 2 },
            Slot { row: 0, column: 2, rows: 1, columns: 1 },
        ];
        let words = vec![word("a", 2.0, 14.0), word("b", 70.0, 14.0)];
        let found = Draft::filled(grid, words).found(&Compounds::default(), &[]);
        assert_eq!(texts(&found), [(0, 0, 1, "a"), (0, 1, 1, "b")]);
        assert_eq!(found.table.columns, 2);
    }
}
