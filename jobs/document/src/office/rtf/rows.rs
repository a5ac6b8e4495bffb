//! How do the rows of an RTF become a table?

use super::super::super::model::{Block, Cell};
use super::super::grid::Grid;

/// Rows whose cells have no right edge get columns of this width.
const NO_EDGE: i32 = i32::MAX;
/// Edges closer than this are the same (in twips).
const SAME_EDGE: i32 = 30;
/// The most cells of a row.
const MOST_CELLS: usize = 1_000;

/// How a row lays out a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Layout {
    pub right: i32,
    pub merges_left: bool,
    pub merges_up: bool,
}

/// The rows of the table that is being read.
#[derive(Debug, Default)]
pub struct Rows {
    /// The layout of the row that is being read.
    layout: Vec<Layout>,
    next: Layout,
    cells: Vec<String>,
    rows: Vec<Vec<(Layout, String)>>,
    heads: u32,
    is_head: bool,
}

impl Rows {
    /// A new layout begins.
    pub fn define(&mut self) {
        self.layout.clear();
        self.next = Layout::default();
        self.is_head = false;
    }

    /// The row heads the table.
    pub fn head(&mut self) {
        self.is_head = true;
    }

    /// The cell that is being laid out.
    pub fn next(&mut self) -> &mut Layout {
        &mut self.next
    }

    /// A cell is laid out.
    pub fn edge(&mut self, right: i32) {
        let cell = Layout { right, ..std::mem::take(&mut self.next) };
        if self.layout.len() < MOST_CELLS {
            self.layout.push(cell);
        }
    }

    /// A cell ends; no when the row is full.
    pub fn end_cell(&mut self, text: String) -> bool {
        let fits = self.cells.len() < MOST_CELLS;
        if fits {
            self.cells.push(text);
        }
        fits
    }

    /// A row ends.
    pub fn end_row(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        if cells.is_empty() {
            return;
        }
        let no_edge = |place: usize| Layout {
            right: NO_EDGE
                - i32::try_from(MOST_CELLS - place.min(MOST_CELLS)).unwrap_or_default() * SAME_EDGE * 2,
            ..Layout::default()
        };
        let laid = cells
            .into_iter()
            .enumerate()
            .map(|(place, text)| (self.layout.get(place).copied().unwrap_or_else(|| no_edge(place)), text));
        if self.is_head && self.heads as usize == self.rows.len() {
            self.heads += 1;
        }
        self.rows.push(laid.collect());
    }

    /// Whether cells or rows wait to be told.
    pub fn is_open(&self) -> bool {
        !self.rows.is_empty() || !self.cells.is_empty()
    }

    /// The table, or the text of a lone cell; nothing if it says nothing.
    pub fn finish(&mut self) -> Option<Result<Block, String>> {
        self.end_row();
        let rows = std::mem::take(&mut self.rows);
        let heads = std::mem::take(&mut self.heads);
        if let [row] = rows.as_slice()
            && let [(_, text)] = row.as_slice()
        {
            return Some(Err(text.clone())).filter(|_| !text.trim().is_empty());
        }
        let edges = edges(&rows);
        let mut grid = Grid::default();
        for row in rows {
            grid.begin_row();
            let mut from = 0;
            let mut waiting: Option<Cell> = None;
            for (layout, text) in row {
                let edge = edges.partition_point(|edge| *edge < layout.right - SAME_EDGE) + 1;
                let to = edge.max(from + 1);
                let column_span = u32::try_from(to - from).unwrap_or(1);
                from = to;
                if let (true, Some(cell)) = (layout.merges_left, &mut waiting) {
                    cell.column_span += column_span;
                    continue;
                }
                if let Some(cell) = waiting.take() {
                    grid.add(cell);
                }
                if layout.merges_up && grid.continue_above(column_span) {
                    continue;
                }
                waiting = Some(Cell { text, column_span, ..Cell::default() });
            }
            if let Some(cell) = waiting {
                grid.add(cell);
            }
        }
        grid.head(heads);
        (!grid.is_blank()).then(|| Ok(grid.block()))
    }
}

/// The right edges of all cells, those that are close to each other once.
fn edges(rows: &[Vec<(Layout, String)>]) -> Vec<i32> {
    let mut edges: Vec<i32> = rows.iter().flatten().map(|(layout, _)| layout.right).collect();
    edges.sort_unstable();
    edges.dedup_by(|next, kept| next.saturating_sub(*kept) <= SAME_EDGE);
    edges.truncate(MOST_CELLS * 4);
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_tell_how_many_columns_a_cell_covers() {
        let mut rows = Rows::default();
        for edges in [vec![1000, 2000, 3000], vec![2005, 3000]] {
            rows.define();
            edges.iter().for_each(|edge| rows.edge(*edge));
            edges.iter().for_each(|edge| assert!(rows.end_cell(edge.to_string())));
            rows.end_row();
        }
        let block = rows.finish().unwrap().unwrap();
        let super::super::super::super::model::BlockKind::Table(table) = block.kind else {
            panic!("no table")
        };
        let spans = table.cells.iter().map(|it| (it.column, it.column_span)).collect::<Vec<_>>();
        assert_eq!(spans, [(0, 1), (1, 1), (2, 1), (0, 2), (2, 1)]);
    }
}
