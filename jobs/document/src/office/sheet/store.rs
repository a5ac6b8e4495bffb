//! What does a sheet hold while it is read?

use std::collections::{HashMap, HashSet};

use super::super::super::model::{Block, BlockKind};
use super::super::lines::plain;
use super::super::output::Output;
use super::islands;

/// The last row and column that spreadsheets have.
pub const LAST_ROW: u32 = 1_048_575;
pub const LAST_COLUMN: u32 = 16_383;
/// Merged areas that are heeded.
const MOST_AREAS: usize = 100_000;
/// Cells that lead somewhere, of a sheet; spreadsheets write no more either.
const MOST_LINKS: usize = 66_530;
/// Places under merged areas that are looked at.
const MOST_COVERED: u64 = 1_000_000;

/// A cell with something in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub row: u32,
    pub column: u32,
    pub text: String,
    pub value: Option<f64>,
}

/// A rectangle of cells, its last row and column belonging to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub first_row: u32,
    pub first_column: u32,
    pub last_row: u32,
    pub last_column: u32,
}

/// A sheet.
#[derive(Debug, Default)]
pub struct Sheet {
    pub cells: Vec<Stored>,
    pub merged: Vec<Area>,
    /// What lies on the sheet: charts, pictures, shapes.
    pub drawn: Vec<Block>,
    /// Comments on cells.
    pub comments: Vec<Block>,
    /// Cells that lead somewhere, by their references, with the ids of the relations that tell where.
    pub links: Vec<(String, String)>,
}

impl Sheet {
    /// Adds a cell, unless it is empty or outside; no when a limit is reached.
    pub fn push(&mut self, output: &mut Output<'_>, cell: Stored) -> bool {
        if cell.text.trim().is_empty() || cell.row > LAST_ROW || cell.column > LAST_COLUMN {
            return true;
        }
        if !output.cell_fits() || !output.text_fits(cell.text.len() + 1) {
            return false;
        }
        self.cells.push(cell);
        true
    }

    /// Adds a merged area.
    pub fn merge(&mut self, area: Area) {
        let is_area = area.first_row <= area.last_row && area.first_column <= area.last_column;
        let is_single = area.first_row == area.last_row && area.first_column == area.last_column;
        if is_area && !is_single && self.merged.len() < MOST_AREAS {
            self.merged.push(area);
        }
    }

    /// Adds a cell that leads somewhere.
    pub fn link(&mut self, reference: &str, relation: &str) {
        if self.links.len() < MOST_LINKS {
            self.links.push((reference.to_owned(), relation.to_owned()));
        }
    }

    /// The blocks of a sheet called `name`: its name, its tables from the top left on, what is drawn on it, its comments.
    pub fn blocks(mut self, name: &str) -> Vec<Block> {
        self.cells.sort_by_key(|cell| (cell.row, cell.column));
        self.cells.dedup_by_key(|cell| (cell.row, cell.column));
        let areas = self.areas();
        let mut blocks = vec![plain(BlockKind::Heading { level: 2 }, name)];
        blocks.extend(islands::blocks(self.cells, &areas));
        blocks.append(&mut self.drawn);
        blocks.append(&mut self.comments);
        blocks.retain(|it| !it.text.is_empty() || it.kind == BlockKind::Figure);
        blocks
    }

    /// The merged areas by their first cells. What lies under an area is not seen: it goes.
    fn areas(&mut self) -> HashMap<(u32, u32), Area> {
        let mut covered = HashSet::new();
        let mut left = MOST_COVERED;
        for area in &self.merged {
            let rows = u64::from(area.last_row - area.first_row) + 1;
            let columns = u64::from(area.last_column - area.first_column) + 1;
            if rows * columns > left {
                continue;
            }
            left -= rows * columns;
            for row in area.first_row..=area.last_row {
                covered.extend((area.first_column..=area.last_column).map(|column| (row, column)));
            }
        }
        let areas: HashMap<_, _> =
            self.merged.iter().map(|area| ((area.first_row, area.first_column), *area)).collect();
        self.cells.retain(|cell| {
            let place = (cell.row, cell.column);
            areas.contains_key(&place) || !covered.contains(&place)
        });
        areas
    }
}

/// Row and column, from 0 on, of a reference like `AB12`.
pub fn place(reference: &str) -> Option<(u32, u32)> {
    let reference = reference.trim_start_matches('$');
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).count();
    let column = reference.bytes().take(letters).try_fold(0_u32, |sum, letter| {
        sum.checked_mul(26)?.checked_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)
    })?;
    let row: u32 = reference.get(letters..)?.trim_start_matches('$').parse().ok()?;
    let (row, column) = (row.checked_sub(1)?, column.checked_sub(1)?);
    (row <= LAST_ROW && column <= LAST_COLUMN).then_some((row, column))
}

/// The area of a reference like `A1:B2`.
pub fn area(reference: &str) -> Option<Area> {
    let (first, last) = reference.split_once(':').unwrap_or((reference, reference));
    let ((first_row, first_column), (last_row, last_column)) = (place(first)?, place(last)?);
    Some(Area { first_row, first_column, last_row, last_column })
}

/// The reference of a place.
pub fn reference(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    format!("{}{}", letters.iter().rev().collect::<String>(), row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_places() {
        assert_eq!(place("A1"), Some((0, 0)));
        assert_eq!(place("XFD1048576"), Some((LAST_ROW, LAST_COLUMN)));
        assert_eq!((place("XFE1"), place("A0"), place("ZZZZZZZZ1"), place("12")), (None, None, None, None));
        assert_eq!(reference(11, 27), "AB12");
        assert_eq!(area("A1:B2").map(|it| (it.last_row, it.last_column)), Some((1, 1)));
    }
}
