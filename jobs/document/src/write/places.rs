//! How many places may the tables of a document have? Every writer writes the empty ones too, so a few cells far apart, in
//! table after table, would become gigabytes of emptiness: there is one budget for all of them.

use super::super::model::{BlockKind, Page, Table};
use super::grid::Grid;

/// Places of all tables of a document, those that are empty or covered too: twice the cells that may be read of one.
const MOST_PLACES: u64 = 4_000_000;

/// The places that are left.
#[derive(Debug)]
pub struct Places {
    left: u64,
}

impl Default for Places {
    fn default() -> Self {
        Self { left: MOST_PLACES }
    }
}

impl Places {
    /// Cuts the tables of a page to the rows that there are places for; whether one was cut. One of which no row fits stays
    /// as its text.
    pub fn fit(&mut self, page: &mut Page) -> bool {
        let mut is_cut = false;
        for block in &mut page.blocks {
            let BlockKind::Table(table) = &mut block.kind else { continue };
            if !self.cut(table) {
                continue;
            }
            is_cut = true;
            if table.cells.is_empty() {
                block.kind = BlockKind::Paragraph;
            }
        }
        is_cut
    }

    fn cut(&mut self, table: &mut Table) -> bool {
        let grid = Grid::of(table);
        let columns = u64::from(grid.columns()).max(1);
        let (rows, fitting) = (grid.row_count(), self.left / columns);
        self.left -= rows.min(fitting) * columns;
        if rows <= fitting {
            return false;
        }
        let end = grid.row_at(fitting);
        table.cells.retain(|cell| cell.row < end);
        table.rows = table.rows.min(end);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Block, Cell};

    /// A full first row and a full first column.
    fn sparse(size: u32) -> Block {
        let cell = |row, column| Cell { row, column, text: "a".into(), ..Cell::default() };
        let cells: Vec<Cell> =
            (0..size).map(|column| cell(0, column)).chain((1..size).map(|row| cell(row, 0))).collect();
        let table = Table { rows: size, columns: size, cells, caption: None };
        Block { kind: BlockKind::Table(table), text: "a".into(), ..Block::default() }
    }

    fn rows(block: &Block) -> Option<u32> {
        match &block.kind {
            BlockKind::Table(table) => Some(table.rows),
            _ => None,
        }
    }

    #[test]
    fn all_tables_of_a_document_share_their_places() {
        let mut places = Places::default();
        let mut page = Page { blocks: vec![sparse(1_900); 3], ..Page::default() };
        assert!(places.fit(&mut page));
        // 4,000,000 − 1,900² places are left for rows of 1,900.
        assert_eq!(page.blocks.iter().map(rows).collect::<Vec<_>>(), [Some(1_900), Some(205), None]);
        assert_eq!(page.blocks[2].text, "a");
        let mut next = Page { blocks: vec![sparse(2)], ..Page::default() };
        assert!(!places.fit(&mut next) && rows(&next.blocks[0]) == Some(2));
    }
}
