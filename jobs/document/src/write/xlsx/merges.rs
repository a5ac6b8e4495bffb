//! Which spans can a sheet merge? Those that cover no other cell and no other span.

use super::super::super::model::Cell;

/// Columns that are looked at for all the spans of a sheet, so that wide ones do not cost without end.
const MOST_LOOKS: u64 = 4_000_000;

/// A range of cells; its ends are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// First row and column.
    pub start: (u32, u32),
    /// Last row and column.
    pub end: (u32, u32),
}

/// The spans seen so far, for cells in the order of rows and columns.
#[derive(Debug, Default)]
pub struct Merges {
    ranges: Vec<Range>,
    /// Whether a range still stands.
    alive: Vec<bool>,
    /// For each column the last range that covers it.
    covers: Vec<Option<usize>>,
    looks: u64,
}

impl Merges {
    /// Takes the next cell; its span reaches no further than `last`.
    pub fn add(&mut self, cell: &Cell, last: (u32, u32)) {
        let start = (cell.row, cell.column);
        if let Some(range) = self.covering(start) {
            // A text under a merged cell could not be seen.
            if cell.text.is_empty() {
                return;
            }
            self.kill(range);
        }
        let reach = |at: u32, span: u32, last: u32| at.saturating_add(span.max(1) - 1).min(last).max(at);
        let end = (reach(cell.row, cell.row_span, last.0), reach(cell.column, cell.column_span, last.1));
        self.looks += u64::from(end.1 - start.1) + 1;
        if end == start || self.looks > MOST_LOOKS {
            return;
        }
        if (start.1..=end.1).any(|column| self.covering((cell.row, column)).is_some()) {
            return;
        }
        let (index, columns) = (self.ranges.len(), start.1 as usize..=end.1 as usize);
        self.ranges.push(Range { start, end });
        self.alive.push(true);
        if self.covers.len() <= *columns.end() {
            self.covers.resize(columns.end() + 1, None);
        }
        if let Some(covered) = self.covers.get_mut(columns) {
            covered.fill(Some(index));
        }
    }

    /// The ranges to merge.
    pub fn into_ranges(self) -> impl Iterator<Item = Range> {
        self.ranges.into_iter().zip(self.alive).filter_map(|(range, alive)| alive.then_some(range))
    }

    /// The standing range over a place that is not above the last cell.
    fn covering(&self, (row, column): (u32, u32)) -> Option<usize> {
        let index = self.covers.get(column as usize).copied().flatten()?;
        let covers = self.ranges.get(index).is_some_and(|range| range.end.0 >= row);
        (covers && self.alive.get(index) == Some(&true)).then_some(index)
    }

    fn kill(&mut self, index: usize) {
        if let Some(alive) = self.alive.get_mut(index) {
            *alive = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(cells: &[(u32, u32, u32, u32, &str)]) -> Vec<(u32, u32)> {
        let mut merges = Merges::default();
        for (row, column, row_span, column_span, text) in cells {
            let (row, column, row_span, column_span) = (*row, *column, *row_span, *column_span);
            let cell = Cell { row, column, row_span, column_span, text: (*text).into(), ..Cell::default() };
            merges.add(&cell, (99, 99));
        }
        merges.into_ranges().map(|range| range.start).collect()
    }

    #[test]
    fn spans_beside_each_other_are_merged() {
        assert_eq!(
            merged(&[(0, 0, 2, 1, "a"), (0, 1, 1, 2, "b"), (2, 0, 1, 3, "c")]),
            [(0, 0), (0, 1), (2, 0)]
        );
    }

    #[test]
    fn a_span_over_another_one_is_not_merged() {
        assert_eq!(merged(&[(0, 0, 3, 3, "a"), (1, 3, 2, 2, "b"), (2, 1, 2, 2, "")]), [(0, 0), (1, 3)]);
        assert_eq!(merged(&[(0, 1, 3, 1, "a"), (1, 0, 1, 3, "b")]), [(0, 1)]);
    }

    #[test]
    fn a_text_that_would_be_hidden_undoes_the_merge() {
        assert_eq!(merged(&[(0, 0, 3, 3, "a"), (1, 1, 1, 1, "b")]), Vec::<(u32, u32)>::new());
    }

    #[test]
    fn spans_without_end_cost_little() {
        let cells: Vec<_> = (0..100_000).map(|row| (row, 0, u32::MAX, u32::MAX, "x")).collect();
        assert!((merged(&cells).len() as u64) < MOST_LOOKS / 100);
    }
}
