//! How do cells with spans become a tidy table, and its text?

use super::super::model::{Cell, Table};

/// A text of more bytes than this is not repeated where its cell covers several places.
const MAX_REPEATED: usize = 200;
/// All that is repeated in a table, in bytes.
const MAX_REPEATED_IN_ALL: usize = 1 << 20;
/// Places of a table in which texts are repeated.
const MAX_PLACES: usize = 4_000_000;

/// Makes a table of its cells: drops the rows and columns that exist only because something spans them, sorts the cells
/// and counts. Answers with the place that each cell has now, by the one that it had.
pub fn tidy(table: &mut Table) -> Vec<usize> {
    let columns = columns(&table.cells);
    let rows = rows(&table.cells);
    for cell in &mut table.cells {
        let last = |first: u32, span: u32| first.saturating_add(span.max(1) - 1);
        let (row, column) = (at(&rows, cell.row), at(&columns, cell.column));
        cell.row_span = at(&rows, last(cell.row, cell.row_span)).saturating_sub(row) + 1;
        cell.column_span = at(&columns, last(cell.column, cell.column_span)).saturating_sub(column) + 1;
        (cell.row, cell.column) = (row, column);
    }
    let order = sort(&mut table.cells);
    table.rows = extent(table.cells.iter().map(|cell| cell.row.saturating_add(cell.row_span)));
    table.columns = extent(table.cells.iter().map(|cell| cell.column.saturating_add(cell.column_span)));
    order
}

/// The text of a table, a line a row, its cells apart by tabs; and where in it each cell's text begins. A short text
/// stands in all places that its cell covers, so that each line can be understood by itself.
pub fn lines(table: &Table) -> (String, Vec<usize>) {
    let (rows, columns) = (table.rows as usize, table.columns as usize);
    let owners = owners(table, rows, columns);
    let mut text = String::new();
    let mut starts = vec![usize::MAX; table.cells.len()];
    let mut repeated = 0;
    let mut next = 0;
    for row in 0..rows {
        if row > 0 {
            text.push('\n');
        }
        let line = text.len();
        let mut write = |number: usize, tabs: usize, text: &mut String| {
            let Some((cell, start)) = table.cells.get(number).zip(starts.get_mut(number)) else { return };
            text.extend(std::iter::repeat_n('\t', tabs));
            if *start == usize::MAX {
                *start = text.len();
                push_flat(text, &cell.text);
            } else if cell.text.len() <= MAX_REPEATED && repeated < MAX_REPEATED_IN_ALL {
                repeated += cell.text.len();
                push_flat(text, &cell.text);
            }
        };
        if let Some(owners) = owners.get(row * columns..(row + 1) * columns) {
            for (column, &number) in owners.iter().enumerate() {
                let tabs = usize::from(column > 0);
                if number == u32::MAX {
                    text.extend(std::iter::repeat_n('\t', tabs));
                } else {
                    write(number as usize, tabs, &mut text);
                }
            }
        } else {
            // Too large to repeat anything in it: the cells that begin in the row, in their order.
            while table.cells.get(next).is_some_and(|cell| cell.row as usize <= row) {
                write(next, usize::from(text.len() > line), &mut text);
                next += 1;
            }
        }
        let length = text.trim_end_matches('\t').len().max(line);
        text.truncate(length);
    }
    (text, starts)
}

/// Which cell covers each place, row by row; nothing for a table that is too large.
fn owners(table: &Table, rows: usize, columns: usize) -> Vec<u32> {
    let places = rows.saturating_mul(columns);
    if places > MAX_PLACES {
        return Vec::new();
    }
    let mut owners = vec![u32::MAX; places];
    for (number, cell) in (0_u32..).zip(&table.cells) {
        let (first, width) = (cell.column as usize, cell.column_span as usize);
        for row in cell.row..cell.row.saturating_add(cell.row_span) {
            let start = row as usize * columns + first;
            for owner in owners.get_mut(start..start + width).into_iter().flatten() {
                *owner = number;
            }
        }
    }
    owners
}

fn push_flat(text: &mut String, cell: &str) {
    text.extend(cell.chars().map(|letter| if matches!(letter, '\n' | '\t' | '\r') { ' ' } else { letter }));
}

/// The new number of each column: one in which no cell begins is a part of the one before it.
fn columns(cells: &[Cell]) -> Vec<u32> {
    let mut begins = vec![false; extent(cells.iter().map(|cell| cell.column.saturating_add(1))) as usize];
    for cell in cells {
        if let Some(begins) = begins.get_mut(cell.column as usize) {
            *begins = true;
        }
    }
    let mut count = 0_u32;
    let number = |begins: bool| {
        count += u32::from(begins);
        count.saturating_sub(1)
    };
    begins.into_iter().map(number).collect()
}

/// The new number of each row: one in which no cell begins is a part of the one above it, and one in which no cell ends
/// is a part of the one below, since neither has a height of its own on a page.
fn rows(cells: &[Cell]) -> Vec<u32> {
    let count = extent(cells.iter().map(|cell| cell.row.saturating_add(cell.row_span.max(1)))) as usize;
    let (mut begins, mut ends) = (vec![false; count], vec![false; count]);
    for cell in cells {
        let last = cell.row as usize + cell.row_span.max(1) as usize - 1;
        begins.iter_mut().skip(cell.row as usize).take(1).for_each(|begins| *begins = true);
        ends.iter_mut().skip(last).take(1).for_each(|ends| *ends = true);
    }
    let (mut number, mut has_begun) = (0_u32, false);
    let next = |(begins, ends): (bool, bool)| {
        has_begun |= begins;
        if !has_begun {
            return number.saturating_sub(1);
        }
        let this = number;
        if ends {
            number += 1;
            has_begun = false;
        }
        this
    };
    begins.into_iter().zip(ends).map(next).collect()
}

fn sort(cells: &mut Vec<Cell>) -> Vec<usize> {
    let mut numbered: Vec<(usize, Cell)> = std::mem::take(cells).into_iter().enumerate().collect();
    numbered.sort_by_key(|(_, cell)| (cell.row, cell.column));
    let mut order = vec![0; numbered.len()];
    for (new, (old, cell)) in numbered.into_iter().enumerate() {
        if let Some(place) = order.get_mut(old) {
            *place = new;
        }
        cells.push(cell);
    }
    order
}

/// The new number, or the last one for what lies beyond.
fn at(numbers: &[u32], old: u32) -> u32 {
    numbers.get(old as usize).or(numbers.last()).copied().unwrap_or(0)
}

fn extent(ends: impl Iterator<Item = u32>) -> u32 {
    ends.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(row: u32, column: u32, row_span: u32, column_span: u32, text: &str) -> Cell {
        Cell { row, column, row_span, column_span, text: text.to_owned(), ..Cell::default() }
    }

    fn tidied(cells: Vec<Cell>) -> (Table, String) {
        let mut table = Table { cells, ..Table::default() };
        tidy(&mut table);
        let text = lines(&table).0;
        (table, text)
    }

    #[test]
    fn a_span_far_beyond_the_other_cells_covers_only_them() {
        let cells = vec![cell(0, 0, 1, 1000, "Title"), cell(1, 0, 1, 1, "a"), cell(1, 1, 1, 1, "b")];
        let (table, text) = tidied(cells);
        assert_eq!((table.rows, table.columns), (2, 2));
        assert_eq!(table.cells[0].column_span, 2);
        assert_eq!(text, "Title\tTitle\na\tb");
    }

    #[test]
    fn a_row_that_only_begins_spans_is_one_with_the_next() {
        let cells = vec![
            cell(0, 0, 1, 1, "Year"),
            cell(0, 1, 1, 1, "Month"),
            cell(1, 0, 3, 1, "2025"),
            cell(2, 1, 1, 1, "January"),
            cell(3, 1, 1, 1, "February"),
        ];
        let (table, text) = tidied(cells);
        assert_eq!(table.rows, 3);
        assert_eq!(text, "Year\tMonth\n2025\tJanuary\n2025\tFebruary");
    }

    #[test]
    fn a_row_in_which_nothing_begins_is_one_with_the_row_above() {
        let cells =
            vec![cell(0, 0, 2, 1, "a"), cell(0, 1, 1, 1, "b"), cell(2, 0, 1, 1, "c"), cell(2, 1, 1, 1, "d")];
        let (table, text) = tidied(cells);
        assert_eq!(table.rows, 2);
        assert_eq!(text, "a\tb\nc\td");
    }

    #[test]
    fn long_texts_are_not_repeated() {
        let long = "x".repeat(MAX_REPEATED + 1);
        let cells = vec![cell(0, 0, 1, 2, &long), cell(1, 0, 1, 1, "a"), cell(1, 1, 1, 1, "b")];
        assert_eq!(tidied(cells).1, format!("{long}\na\tb"));
    }

    #[test]
    fn a_cell_without_neighbours_keeps_its_column() {
        let cells = vec![cell(0, 0, 1, 1, "a"), cell(0, 1, 1, 1, "b"), cell(1, 1, 1, 1, "c")];
        assert_eq!(tidied(cells).1, "a\tb\n\tc");
    }
}
