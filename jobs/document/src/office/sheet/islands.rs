//! Which tables does a reader see on a sheet?
//!
//! Blank rows and columns part them: the sheet is cut along blank rows, each piece along blank columns, and so on.

use std::collections::HashMap;

use super::super::super::model::{Block, BlockKind, Cell, Table};
use super::super::grid;
use super::super::lines::plain;
use super::store::{Area, Stored};

/// How often a piece is cut again.
const DEEPEST_CUT: u32 = 12;
/// A table may be this hollow: so many places a cell, and so many places at all.
const PLACES_A_CELL: u64 = 64;
const FREE_PLACES: u64 = 1_000_000;
/// From how many characters on a text in a lone column is read as a paragraph.
const LONG_TEXT: usize = 60;

/// A cell with the area that it covers.
struct Item {
    area: Area,
    cell: Stored,
}

/// The blocks of the cells of a sheet, which stand row by row.
pub fn blocks(cells: Vec<Stored>, areas: &HashMap<(u32, u32), Area>) -> Vec<Block> {
    let items = cells.into_iter().map(|cell| {
        let own = Area {
            first_row: cell.row,
            first_column: cell.column,
            last_row: cell.row,
            last_column: cell.column,
        };
        Item { area: areas.get(&(cell.row, cell.column)).copied().unwrap_or(own), cell }
    });
    let mut blocks = Vec::new();
    cut(items.collect(), 0, false, &mut blocks);
    blocks
}

/// Cuts along blank rows or columns; a piece that can be cut by neither is a table. `is_whole` tells that the other way had
/// nothing to cut.
fn cut(items: Vec<Item>, depth: u32, is_whole: bool, blocks: &mut Vec<Block>) {
    let by_row = depth.is_multiple_of(2);
    let pieces = if by_row {
        parted(items, |area| (area.first_row, area.last_row))
    } else {
        parted(items, |area| (area.first_column, area.last_column))
    };
    let was_cut = pieces.len() > 1;
    for piece in pieces {
        if depth >= DEEPEST_CUT || (!was_cut && is_whole) {
            island(piece, blocks);
        } else {
            cut(piece, depth + 1, !was_cut, blocks);
        }
    }
}

/// The items in pieces with blank lines between them. Within a piece they stand row by row, as before.
fn parted(mut items: Vec<Item>, reach: impl Fn(&Area) -> (u32, u32)) -> Vec<Vec<Item>> {
    items.sort_by_key(|item| reach(&item.area).0);
    let mut pieces: Vec<Vec<Item>> = Vec::new();
    let mut end = None;
    for item in items {
        let (first, last) = reach(&item.area);
        match (pieces.last_mut(), end) {
            (Some(piece), Some(reached)) if first <= reached + 1 => piece.push(item),
            _ => pieces.push(vec![item]),
        }
        end = end.max(Some(last));
    }
    for piece in &mut pieces {
        piece.sort_by_key(|item| (item.area.first_row, item.area.first_column));
    }
    pieces
}

/// The blocks of one piece: merged cells over its whole width are its titles, the rest is a table.
fn island(items: Vec<Item>, blocks: &mut Vec<Block>) {
    let first_column = items.iter().map(|item| item.area.first_column).min().unwrap_or_default();
    let last_column = items.iter().map(|item| item.area.last_column).max().unwrap_or_default();
    let mut items = items.into_iter().peekable();
    if first_column < last_column {
        let is_title =
            |item: &Item| (item.area.first_column, item.area.last_column) == (first_column, last_column);
        while let Some(title) = items.next_if(is_title) {
            blocks.push(plain(BlockKind::Paragraph, &title.cell.text));
        }
    }
    table(items.collect(), blocks);
}

fn table(items: Vec<Item>, blocks: &mut Vec<Block>) {
    if items.is_empty() {
        return;
    }
    let edge = |of: fn(&Area) -> u32| items.iter().map(move |item| of(&item.area));
    let first_row = edge(|it| it.first_row).min().unwrap_or_default();
    let first_column = edge(|it| it.first_column).min().unwrap_or_default();
    let rows = edge(|it| it.last_row).max().unwrap_or_default() - first_row + 1;
    let columns = edge(|it| it.last_column).max().unwrap_or_default() - first_column + 1;
    let places = u64::from(rows) * u64::from(columns);
    let is_hollow = places > PLACES_A_CELL * items.len() as u64 + FREE_PLACES;
    let is_prose =
        items.iter().all(|item| item.area.first_column == first_column && item.cell.value.is_none())
            && items.iter().any(|item| item.cell.text.len() >= LONG_TEXT);
    if items.len() == 1 || is_hollow || is_prose {
        lines(items, blocks);
        return;
    }
    let mut cells: Vec<Cell> = Vec::with_capacity(items.len());
    for Item { area, cell } in items {
        cells.push(Cell {
            row: area.first_row - first_row,
            column: area.first_column - first_column,
            row_span: area.last_row - area.first_row + 1,
            column_span: area.last_column - area.first_column + 1,
            header: false,
            text: cell.text,
            value: cell.value,
            bounds: None,
        });
    }
    head(&mut cells, rows);
    blocks.push(grid::table(Table { rows, columns, cells, caption: None }));
}

/// A paragraph a row.
fn lines(items: Vec<Item>, blocks: &mut Vec<Block>) {
    let mut row = None;
    let mut line = String::new();
    for item in items {
        if row.is_some_and(|row| row != item.cell.row) {
            blocks.push(plain(BlockKind::Paragraph, &std::mem::take(&mut line)));
        }
        row = Some(item.cell.row);
        if !line.is_empty() {
            line.push('\t');
        }
        line.push_str(&item.cell.text);
    }
    blocks.push(plain(BlockKind::Paragraph, &line));
}

/// Marks the row of names: the first one that has more than one cell, if all of them are texts and something follows.
fn head(cells: &mut [Cell], rows: u32) {
    let mut start = 0;
    while let Some(first) = cells.get(start) {
        let row = first.row;
        let length = cells.iter().skip(start).take_while(|cell| cell.row == row).count();
        if length > 1 || row > 1 {
            let names = cells.get_mut(start..start + length).unwrap_or_default();
            let are_names =
                names.len() > 1 && names.iter().all(|cell| cell.value.is_none()) && row + 1 < rows;
            names.iter_mut().for_each(|cell| cell.header = are_names);
            return;
        }
        start += length;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sheet;
    use super::*;

    fn texts(cells: &[(u32, u32, &str)], merged: &[Area]) -> Vec<String> {
        let cells = cells.iter().map(|(row, column, text)| Stored {
            row: *row,
            column: *column,
            text: (*text).to_owned(),
            value: text.parse().ok(),
        });
        let sheet = Sheet { cells: cells.collect(), merged: merged.to_vec(), ..Sheet::default() };
        sheet.blocks("S").into_iter().skip(1).map(|block| block.text).collect()
    }

    #[test]
    fn blank_rows_and_columns_part_tables() {
        let cells = [
            (0, 0, "Title"),
            (2, 0, "a"),
            (2, 1, "b"),
            (3, 0, "1"),
            (3, 1, "2"),
            (2, 3, "c"),
            (3, 3, "3"),
            (9, 9, "far"),
        ];
        assert_eq!(texts(&cells, &[]), ["Title", "a\tb\n1\t2", "c\n3", "far"]);
    }

    #[test]
    fn a_merged_cell_bridges_what_it_covers() {
        let merged = [Area { first_row: 0, first_column: 0, last_row: 0, last_column: 2 }];
        let cells = [(0, 0, "over both"), (0, 1, "hidden"), (1, 0, "a"), (1, 2, "b")];
        assert_eq!(texts(&cells, &merged), ["over both", "a\t\tb"]);
    }

    #[test]
    fn cells_that_are_far_apart_cost_nothing() {
        let mut cells = vec![(0, 0, "a"), (1_048_575, 16_383, "z")];
        assert_eq!(texts(&cells, &[]), ["a", "z"]);
        // A frame around the whole sheet is not one table of 17 thousand million cells.
        cells.extend((0..16_384).map(|column| (0, column, "t")));
        cells.extend((0..20_000).map(|row| (row, 0, "l")));
        assert!(texts(&cells, &[]).len() > 10_000);
    }

    #[test]
    fn a_row_of_names_is_a_heading() {
        let cells = [(0, 0, "Title"), (1, 0, "Name"), (1, 1, "Year"), (2, 0, "x"), (2, 1, "2020")];
        let mut stored = Vec::new();
        for (row, column, text) in cells {
            stored.push(Stored { row, column, text: text.to_owned(), value: text.parse().ok() });
        }
        let BlockKind::Table(table) = blocks(stored, &HashMap::new()).remove(0).kind else {
            panic!("no table")
        };
        let heads = table.cells.iter().filter(|cell| cell.header).map(|cell| cell.text.as_str());
        assert_eq!(heads.collect::<Vec<_>>(), ["Name", "Year"]);
    }
}
