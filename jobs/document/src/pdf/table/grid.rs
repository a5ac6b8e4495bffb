//! Which grids do the rules of a page draw? Rules that cross belong together; between them lie cells.
//!
//! The lattice of Camelot and Tabula, on the vectors themselves: no picture is looked at.

use super::border::{Borders, slots};
use super::rule::{Rule, places};
use crate::model::Rect;

/// How far a rule may miss another one that it meets.
const REACH: f32 = 3.0;
/// Rules that lie closer are one border of a grid.
pub const NEAR: f32 = 3.6;
/// Rows, columns and rules of a grid; a larger one is a drawing.
const MOST_ROWS: usize = 400;
const MOST_COLUMNS: usize = 80;
const MOST_RULES: usize = 4_000;

/// A grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The left edges of its columns, and the right edge of the last one.
    pub xs: Vec<f32>,
    /// The upper edges of its rows, and the lower edge of the last one.
    pub ys: Vec<f32>,
    /// Its cells.
    pub slots: Vec<Slot>,
}

/// The place of a cell in a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Row, from 0 on.
    pub row: usize,
    /// Column, from 0 on.
    pub column: usize,
    /// Rows that it covers.
    pub rows: usize,
    /// Columns that it covers.
    pub columns: usize,
}

impl Grid {
    /// A grid without cells that cover others.
    pub fn plain(xs: Vec<f32>, ys: Vec<f32>) -> Self {
        let (rows, columns) = (ys.len().saturating_sub(1), xs.len().saturating_sub(1));
        let slot =
            |at: usize| Slot { row: at / columns.max(1), column: at % columns.max(1), rows: 1, columns: 1 };
        Self { xs, ys, slots: (0..rows * columns).map(slot).collect() }
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.ys.len().saturating_sub(1)
    }

    /// How many columns it has.
    pub fn columns(&self) -> usize {
        self.xs.len().saturating_sub(1)
    }

    /// The box around it.
    pub fn bounds(&self) -> Rect {
        let edge = |side: Option<&f32>| side.copied().unwrap_or_default();
        Rect {
            x0: edge(self.xs.first()),
            y0: edge(self.ys.first()),
            x1: edge(self.xs.last()),
            y1: edge(self.ys.last()),
        }
    }
}

/// The grids that these rules draw; `is_whole` says that a border that is missing is not drawn on purpose,
/// so that no cell covers others.
pub fn grids(level: &[Rule], upright: &[Rule], is_whole: bool) -> Vec<Grid> {
    if level.len() > MOST_RULES || upright.len() > MOST_RULES {
        return Vec::new();
    }
    let mut sets = Sets((0..level.len() + upright.len()).collect());
    for (at, standing) in upright.iter().enumerate() {
        let from = level.partition_point(|lying| lying.at < standing.from - REACH);
        for (index, lying) in level.iter().enumerate().skip(from) {
            if lying.at > standing.to + REACH {
                break;
            }
            if standing.at > lying.from - REACH && standing.at < lying.to + REACH {
                sets.join(index, level.len() + at);
            }
        }
    }
    let mut groups: Vec<(usize, Vec<Rule>, Vec<Rule>)> = Vec::new();
    let mut of_root = vec![usize::MAX; level.len() + upright.len()];
    for (index, rule) in level.iter().chain(upright).enumerate() {
        let root = sets.root(index);
        let Some(group) = of_root.get_mut(root) else { continue };
        if *group == usize::MAX {
            *group = groups.len();
            groups.push((root, Vec::new(), Vec::new()));
        }
        if let Some((_, lying, standing)) = groups.get_mut(*group) {
            if index < level.len() { lying.push(*rule) } else { standing.push(*rule) }
        }
    }
    groups.iter().filter_map(|(_, lying, standing)| grid(lying, standing, is_whole)).collect()
}

/// Which rules are joined, each through others.
struct Sets(Vec<usize>);

impl Sets {
    fn root(&mut self, mut at: usize) -> usize {
        while let Some(&next) = self.0.get(at).filter(|&&next| next != at) {
            let after = self.0.get(next).copied().unwrap_or(next);
            if let Some(slot) = self.0.get_mut(at) {
                *slot = after;
            }
            at = next;
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(slot) = self.0.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }
}

/// The grid that rules make which all cross; none where they make no cells.
fn grid(level: &[Rule], upright: &[Rule], is_whole: bool) -> Option<Grid> {
    if level.is_empty() || upright.is_empty() {
        return None;
    }
    let mut xs = places(upright.iter().map(|rule| rule.at), NEAR);
    let mut ys = places(level.iter().map(|rule| rule.at), NEAR);
    open_sides(&mut xs, level);
    open_sides(&mut ys, upright);
    let (rows, columns) = (ys.len().checked_sub(1)?, xs.len().checked_sub(1)?);
    if rows == 0 || columns == 0 || rows > MOST_ROWS || columns > MOST_COLUMNS {
        return None;
    }
    if is_whole {
        return Some(Grid::plain(xs, ys));
    }
    let slots = slots(&Borders::of(level, upright, &xs, &ys), rows, columns);
    Some(Grid { xs, ys, slots })
}

/// Adds the outer borders that are not drawn: where at least two rules lead past the last border that crosses them.
fn open_sides(places: &mut Vec<f32>, across: &[Rule]) {
    let (Some(&first), Some(&last)) = (places.first(), places.last()) else { return };
    let starts = across.iter().map(|rule| rule.from).filter(|&from| from < first - 2.0 * NEAR);
    let ends = across.iter().map(|rule| rule.to).filter(|&to| to > last + 2.0 * NEAR);
    let (starts, ends): (Vec<f32>, Vec<f32>) = (starts.collect(), ends.collect());
    if starts.len() >= 2 {
        places.insert(0, starts.iter().copied().fold(f32::MAX, f32::min));
    }
    if ends.len() >= 2 {
        places.push(ends.iter().copied().fold(f32::MIN, f32::max));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(places: &[f32], from: f32, to: f32) -> Vec<Rule> {
        places.iter().map(|&at| Rule { at, from, to }).collect()
    }

    #[test]
    fn crossing_rules_make_cells() {
        let found =
            grids(&rules(&[0.0, 20.0, 40.0], 0.0, 100.0), &rules(&[0.0, 50.0, 100.0], 0.0, 40.0), false);
        assert_eq!(found, [Grid::plain(vec![0.0, 50.0, 100.0], vec![0.0, 20.0, 40.0])]);
    }

    #[test]
    fn a_border_that_is_missing_makes_a_cell_cover_two_columns() {
        let mut upright = rules(&[0.0, 100.0], 0.0, 40.0);
        upright.push(Rule { at: 50.0, from: 20.0, to: 40.0 });
        let found = grids(&rules(&[0.0, 20.0, 40.0], 0.0, 100.0), &upright, false);
        let slots = found.first().map(|grid| grid.slots.as_slice()).unwrap_or_default();
        assert_eq!(slots.first(), Some(&Slot { row: 0, column: 0, rows: 1, columns: 2 }));
        assert_eq!(slots.len(), 3);
    }

    #[test]
    fn tables_may_be_open_at_their_sides() {
        let found = grids(&rules(&[0.0, 20.0, 40.0], 0.0, 100.0), &rules(&[50.0], 0.0, 40.0), false);
        assert_eq!(found.first().map(|grid| grid.xs.clone()), Some(vec![0.0, 50.0, 100.0]));
    }

    #[test]
    fn grids_that_do_not_touch_are_two() {
        let mut level = rules(&[0.0, 20.0], 0.0, 100.0);
        level.extend(rules(&[100.0, 120.0], 0.0, 100.0));
        let mut upright = rules(&[0.0, 100.0], 0.0, 20.0);
        upright.extend(rules(&[0.0, 100.0], 100.0, 120.0));
        assert_eq!(grids(&level, &upright, false).len(), 2);
    }
}
