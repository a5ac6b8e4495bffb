//! Which cells does a grid have? Those between the borders that are drawn: where one is missing, a cell covers several places.

use super::grid::{NEAR, Slot};
use super::rule::Rule;

/// Which borders between neighbouring places of a grid are drawn.
pub struct Borders {
    columns: usize,
    /// Of each place, whether its right border is.
    right: Vec<bool>,
    /// Of each place, whether its lower border is.
    below: Vec<bool>,
}

impl Borders {
    /// The borders of a grid with these edges, which rules draw.
    pub fn of(level: &[Rule], upright: &[Rule], xs: &[f32], ys: &[f32]) -> Self {
        let (rows, columns) = (ys.len().saturating_sub(1), xs.len().saturating_sub(1));
        let mut borders =
            Self { columns, right: vec![false; rows * columns], below: vec![false; rows * columns] };
        for rule in upright {
            // The border on the right of column c is the one between c and c + 1.
            for column in (0..columns).filter(|&c| xs.get(c + 1).is_some_and(|x| (x - rule.at).abs() <= NEAR))
            {
                for (row, pair) in ys.windows(2).enumerate() {
                    if covers(rule, pair) {
                        borders.draw(true, row, column);
                    }
                }
            }
        }
        for rule in level {
            for row in (0..rows).filter(|&r| ys.get(r + 1).is_some_and(|y| (y - rule.at).abs() <= NEAR)) {
                for (column, pair) in xs.windows(2).enumerate() {
                    if covers(rule, pair) {
                        borders.draw(false, row, column);
                    }
                }
            }
        }
        borders
    }

    fn draw(&mut self, is_right: bool, row: usize, column: usize) {
        let list = if is_right { &mut self.right } else { &mut self.below };
        if let Some(border) = list.get_mut(row * self.columns + column) {
            *border = true;
        }
    }

    fn has_right(&self, row: usize, column: usize) -> bool {
        self.right.get(row * self.columns + column).copied().unwrap_or(true)
    }

    fn has_below(&self, row: usize, column: usize) -> bool {
        self.below.get(row * self.columns + column).copied().unwrap_or(true)
    }
}

/// Whether a rule covers most of the way between two places.
fn covers(rule: &Rule, pair: &[f32]) -> bool {
    let &[from, to] = pair else { return false };
    rule.to.min(to) - rule.from.max(from) > 0.55 * (to - from)
}

/// The cells: each grows to the right and down over borders that are not drawn, as long as it stays a rectangle.
pub fn slots(borders: &Borders, rows: usize, columns: usize) -> Vec<Slot> {
    let mut taken = vec![false; rows * columns];
    let mut slots = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let is_free = |taken: &[bool], r: usize, c: usize| taken.get(r * columns + c) == Some(&false);
            if !is_free(&taken, row, column) {
                continue;
            }
            let mut wide = 1;
            while column + wide < columns
                && !borders.has_right(row, column + wide - 1)
                && is_free(&taken, row, column + wide)
            {
                wide += 1;
            }
            let mut high = 1;
            while row + high < rows
                && (column..column + wide)
                    .all(|c| !borders.has_below(row + high - 1, c) && is_free(&taken, row + high, c))
                && (column..column + wide - 1).all(|c| !borders.has_right(row + high, c))
            {
                high += 1;
            }
            for place in (row..row + high).flat_map(|r| (column..column + wide).map(move |c| r * columns + c))
            {
                if let Some(place) = taken.get_mut(place) {
                    *place = true;
                }
            }
            slots.push(Slot { row, column, rows: high, columns: wide });
        }
    }
    slots
}
