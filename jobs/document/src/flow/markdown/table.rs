//! How do the cells of Markdown become a table?

use super::super::super::model::{Block, BlockKind, Cell};
use super::super::grid;
use super::Reading;

impl Reading<'_> {
    /// A cell ends.
    pub(super) fn cell(&mut self) {
        let (text, _) = self.inline.take();
        let header = self.is_head;
        let Some(table) = &mut self.table else { return };
        let column = match table.cells.last() {
            Some(last) if last.row == table.rows => last.column + 1,
            _ => 0,
        };
        if self.cells == 0 {
            self.gather.note_loss();
            return;
        }
        self.cells -= 1;
        table.cells.push(Cell { row: table.rows, column, header, text, ..Cell::default() });
    }

    /// The table ends.
    pub(super) fn end_table(&mut self) {
        let Some(mut table) = self.table.take() else { return };
        table.columns = table.cells.iter().map(|cell| cell.column + 1).max().unwrap_or(0);
        let text = grid::lines(&table).0;
        if !text.trim().is_empty() {
            self.gather.push(Block { kind: BlockKind::Table(table), text, ..Block::default() });
        }
    }
}
