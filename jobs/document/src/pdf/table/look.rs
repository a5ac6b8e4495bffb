//! Does text that is set out in rows and columns look like a table? By how full it is, how aligned, how short, how numeric.

use super::super::geometry::{Area, median};
use super::super::line::Line;
use super::draft::{Draft, lines_box};
use super::grid::Slot;
use super::number::is_number;
use crate::model::Rect;

/// What tells a table from other text that is set out so.
#[derive(Debug, Default)]
pub struct Look {
    rows: usize,
    columns: usize,
    /// Of the places of the grid, the share that has text.
    filled: f32,
    /// The share of texts that stand like the others of their column.
    aligned: f32,
    /// The middle length of a text, in characters.
    length: f32,
    /// The share of texts that are numbers, of those right of the first column and below the first row.
    numbers: f32,
    /// Rules across most of it.
    rules: usize,
    /// Edges of shades across most of it.
    shades: usize,
    /// Whether the first row is bold and the others are not.
    bold_head: bool,
    /// The share of texts of the first column that end with a colon.
    labels: f32,
}

impl Look {
    /// Whether it is a table, where nothing else says so.
    pub fn is_table(&self) -> bool {
        if self.rows < 2 || self.columns < 2 || self.labels > 0.6 && self.columns == 2 {
            return false;
        }
        if self.rules >= 2 || self.shades >= 3 {
            return self.aligned > 0.5 && self.filled > 0.3;
        }
        let has_head = self.rules == 1 || self.bold_head;
        if self.columns == 2 {
            return self.rows >= 3
                && self.filled > 0.7
                && self.aligned > 0.8
                && self.length < 30.0
                && (self.numbers > 0.6 || has_head);
        }
        let rows = if has_head || self.columns > 3 { 2 } else { 3 };
        self.rows >= rows && self.filled > 0.4 && self.aligned > 0.65 && self.length < 28.0
    }

    /// Whether it is a table, given that rules lie over and under it.
    pub fn is_table_between_rules(&self) -> bool {
        self.rows >= 2 && self.columns >= 2 && self.filled > 0.3 && self.length < 60.0
    }
}

/// How a draft looks, with so many rules and edges of shades across most of it.
pub fn look(draft: &Draft, rules: usize, shades: usize, bold_head: bool) -> Look {
    let full: Vec<(&Slot, &Vec<Line>)> = draft.cells().filter(|(_, lines)| !lines.is_empty()).collect();
    let places = draft.grid.rows() * draft.grid.columns();
    let covered: usize = full.iter().map(|(slot, _)| slot.columns * slot.rows).sum();
    let mut lengths: Vec<f32> =
        full.iter().map(|(_, lines)| lines.iter().map(Line::length).sum::<usize>() as f32).collect();
    let text = |lines: &[Line]| lines.iter().map(Line::text).collect::<Vec<_>>().join(" ");
    let inner: Vec<bool> = full
        .iter()
        .filter(|(slot, _)| slot.row > 0 && slot.column > 0)
        .map(|(_, lines)| is_number(&text(lines)))
        .collect();
    let first: Vec<bool> = full
        .iter()
        .filter(|(slot, _)| slot.column == 0)
        .map(|(_, lines)| text(lines).ends_with(':'))
        .collect();
    let (rows, columns) = draft.used();
    Look {
        rows,
        columns,
        filled: covered as f32 / places.max(1) as f32,
        aligned: aligned(&full, draft.grid.columns()),
        length: median(&mut lengths),
        numbers: share(&inner),
        rules,
        shades,
        bold_head,
        labels: share(&first),
    }
}

fn share(of: &[bool]) -> f32 {
    of.iter().filter(|yes| **yes).count() as f32 / of.len().max(1) as f32
}

/// How far texts of a column may stand from each other.
const ALIGNED: f32 = 2.5;

/// The share of texts that start, end, or have their middle where most of their column do.
fn aligned(full: &[(&Slot, &Vec<Line>)], columns: usize) -> f32 {
    let (mut like, mut all) = (0, 0);
    for column in 0..columns {
        let boxes: Vec<Rect> = full
            .iter()
            .filter(|(slot, _)| slot.column == column && slot.columns == 1)
            .filter_map(|(_, lines)| lines_box(lines))
            .collect();
        if boxes.len() < 2 {
            continue;
        }
        let most = |place: fn(&Rect) -> f32| {
            let mut places: Vec<f32> = boxes.iter().map(place).collect();
            places.sort_by(f32::total_cmp);
            let mut start = 0;
            let mut most = 0;
            for end in 0..places.len() {
                while places.get(end).zip(places.get(start)).is_some_and(|(b, a)| b - a > ALIGNED) {
                    start += 1;
                }
                most = most.max(end - start + 1);
            }
            most
        };
        like += most(|b| b.x0).max(most(|b| b.x1)).max(most(Area::middle));
        all += boxes.len();
    }
    like as f32 / all.max(1) as f32
}
