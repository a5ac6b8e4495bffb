//! Which words stand in a table? Those between its drawn lines.

use super::super::model::{Block, BlockKind, Cell, Rect, Table, TextSource, Word};
use super::ink::Ink;
use super::layout::around;
use super::noise::mean_confidence;
use super::rules::{Rule, rules};
use super::tesseract::{PixelBox, RawWord};

/// A table's frame: the places of its lines, and which slots each cell takes.
#[derive(Debug, PartialEq)]
pub(super) struct Grid {
    xs: Vec<f32>,
    ys: Vec<f32>,
    cells: Vec<Slots>,
}

/// The slots of a cell: row and column of the first, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slots {
    row: usize,
    column: usize,
    rows: usize,
    columns: usize,
}

/// The tables with drawn lines on a page whose letters have the height `letter`.
pub(super) fn grids(ink: &Ink, letter: f32) -> Vec<Grid> {
    let length = (letter * 2.5).max(20.0) as usize;
    let thickness = (letter * 0.6).max(5.0) as usize;
    let reach = (letter * 0.7).max(5.0);
    let Some((level, upright)) = rules(ink, length, thickness) else { return Vec::new() };
    groups(&level, &upright, reach)
        .into_iter()
        .filter_map(|(level, upright)| Grid::new(&level, &upright, reach))
        .collect()
}

/// Lines that touch, directly or through others.
fn groups(level: &[Rule], upright: &[Rule], reach: f32) -> Vec<(Vec<Rule>, Vec<Rule>)> {
    let touch = |h: &Rule, v: &Rule| {
        (h.from - reach..=h.to + reach).contains(&v.at) && (v.from - reach..=v.to + reach).contains(&h.at)
    };
    let (mut level, mut upright) = (level.to_vec(), upright.to_vec());
    let mut groups = Vec::new();
    while let Some(first) = level.pop() {
        let (mut hs, mut vs, mut seen_h, mut seen_v) = (vec![first], Vec::new(), 0, 0);
        while seen_h < hs.len() || seen_v < vs.len() {
            for h in hs.iter().skip(seen_h) {
                vs.extend(upright.extract_if(.., |v| touch(h, v)));
            }
            seen_h = hs.len();
            for v in vs.iter().skip(seen_v) {
                hs.extend(level.extract_if(.., |h| touch(h, v)));
            }
            seen_v = vs.len();
        }
        groups.push((hs, vs));
    }
    groups
}

impl Grid {
    fn new(level: &[Rule], upright: &[Rule], reach: f32) -> Option<Self> {
        let (xs, ys) = (places(upright, reach), places(level, reach));
        let (rows, columns) = (ys.len().checked_sub(1)?, xs.len().checked_sub(1)?);
        if rows < 1 || columns < 1 || rows * columns < 4 {
            return None;
        }
        let parts = |rules: &[Rule], at: f32, across: f32| {
            rules.iter().any(|rule| (rule.at - at).abs() <= reach && (rule.from..=rule.to).contains(&across))
        };
        let middle = |places: &[f32], at: usize| Some((places.get(at)? + places.get(at + 1)?) / 2.0);
        let wall_right = |row: usize, column: usize| {
            middle(&ys, row).zip(xs.get(column + 1)).is_none_or(|(y, x)| parts(upright, *x, y))
        };
        let wall_below = |row: usize, column: usize| {
            middle(&xs, column).zip(ys.get(row + 1)).is_none_or(|(x, y)| parts(level, *y, x))
        };
        let cells = merge(rows, columns, wall_right, wall_below);
        (cells.len() >= 4).then_some(Self { xs, ys, cells })
    }

    /// The number of the cell in which the middle of a box lies.
    fn cell_of(&self, b: PixelBox) -> Option<usize> {
        let (x, y) = ((b.x0 + b.x1) as f32 / 2.0, (b.y0 + b.y1) as f32 / 2.0);
        let slot = |places: &[f32], at: f32| places.iter().rposition(|place| *place <= at);
        let (row, column) = (slot(&self.ys, y)?, slot(&self.xs, x)?);
        self.cells.iter().position(|cell| {
            (cell.row..cell.row + cell.rows).contains(&row)
                && (cell.column..cell.column + cell.columns).contains(&column)
        })
    }

    /// Whether a box lies in the table.
    pub(super) fn holds(&self, b: PixelBox) -> bool {
        self.cell_of(b).is_some()
    }

    /// The table with its words; nothing, when too few of its cells have any.
    pub(super) fn block(&self, words: &[RawWord], place: impl Fn(PixelBox) -> Rect) -> Option<Block> {
        let mut filled: Vec<Vec<&RawWord>> = vec![Vec::new(); self.cells.len()];
        for word in words {
            if let Some(cell) = self.cell_of(word.bounds).and_then(|cell| filled.get_mut(cell)) {
                cell.push(word);
            }
        }
        let used = filled.iter().filter(|words| !words.is_empty()).count();
        if used < 4 || used * 4 < self.cells.len() {
            return None;
        }
        let cells: Vec<Cell> =
            self.cells.iter().zip(&filled).map(|(slots, words)| self.cell(*slots, words, &place)).collect();
        let text = text(&cells);
        let placed: Vec<Word> = filled
            .into_iter()
            .flatten()
            .map(|word| Word {
                text: word.text.clone(),
                bounds: place(word.bounds),
                confidence: Some(word.confidence),
            })
            .collect();
        let bounds = cells.iter().filter_map(|cell| cell.bounds).reduce(around);
        let (rows, columns) = (number(self.ys.len() - 1), number(self.xs.len() - 1));
        Some(Block {
            kind: BlockKind::Table(Table { rows, columns, cells, caption: None }),
            text,
            bounds,
            source: TextSource::Ocr,
            confidence: Some(mean_confidence(words)),
            words: placed,
            ..Block::default()
        })
    }

    fn cell(&self, slots: Slots, words: &[&RawWord], place: impl Fn(PixelBox) -> Rect) -> Cell {
        let at = |places: &[f32], index: usize| places.get(index).map_or(0, |place| *place as i32);
        let bounds = PixelBox {
            x0: at(&self.xs, slots.column),
            y0: at(&self.ys, slots.row),
            x1: at(&self.xs, slots.column + slots.columns),
            y1: at(&self.ys, slots.row + slots.rows),
        };
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        Cell {
            row: number(slots.row),
            column: number(slots.column),
            row_span: number(slots.rows),
            column_span: number(slots.columns),
            text: texts.join(" "),
            bounds: Some(place(bounds)),
            ..Cell::default()
        }
    }
}

fn number(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// Where lines are, each place once.
fn places(rules: &[Rule], reach: f32) -> Vec<f32> {
    let mut places: Vec<f32> = rules.iter().map(|rule| rule.at).collect();
    places.sort_by(f32::total_cmp);
    places.dedup_by(|next, before| *next - *before <= reach);
    places
}

/// Slots without a wall between them are one cell.
fn merge(
    rows: usize,
    columns: usize,
    wall_right: impl Fn(usize, usize) -> bool,
    wall_below: impl Fn(usize, usize) -> bool,
) -> Vec<Slots> {
    let mut taken = vec![false; rows * columns];
    let mut cells = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            if taken.get(row * columns + column) != Some(&false) {
                continue;
            }
            let is_free = |row: usize, column: usize| taken.get(row * columns + column) == Some(&false);
            let mut cell = Slots { row, column, rows: 1, columns: 1 };
            while column + cell.columns < columns
                && is_free(row, column + cell.columns)
                && !wall_right(row, column + cell.columns - 1)
            {
                cell.columns += 1;
            }
            while row + cell.rows < rows
                && (column..column + cell.columns)
                    .all(|c| !wall_below(row + cell.rows - 1, c) && is_free(row + cell.rows, c))
            {
                cell.rows += 1;
            }
            for row in row..row + cell.rows {
                for column in column..column + cell.columns {
                    if let Some(taken) = taken.get_mut(row * columns + column) {
                        *taken = true;
                    }
                }
            }
            cells.push(cell);
        }
    }
    cells
}

/// A line a row, cells apart by tabs.
fn text(cells: &[Cell]) -> String {
    let rows = cells.chunk_by(|a, b| a.row == b.row);
    let rows = rows.map(|row| row.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("\t"));
    rows.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::tesseract::Begins;
    use super::*;

    /// Two rows of two columns, of which the upper ones are one cell.
    fn ink() -> Ink {
        let (width, height) = (204, 104);
        let mut dark = vec![false; width * height];
        for y in 0..height {
            for x in 0..width {
                let level = [0, 50, 100].iter().any(|at| (*at..at + 3).contains(&y));
                let upright = [0, 200].iter().any(|at| (*at..at + 3).contains(&x))
                    || ((100..103).contains(&x) && y >= 50)
                    || ((60..63).contains(&x) && y >= 50);
                dark[y * width + x] = level && x < 203 || upright && y < 103;
            }
        }
        Ink { width, height, dark }
    }

    fn word(text: &str, x: i32, y: i32) -> RawWord {
        let bounds = PixelBox { x0: x, y0: y, x1: x + 10, y1: y + 10 };
        RawWord {
            text: text.into(),
            confidence: 0.9,
            bounds,
            line: bounds,
            begins: Begins::Line,
            kind: 6,
            height: 12.0,
        }
    }

    #[test]
    fn cells_without_a_wall_are_one() {
        let grids = grids(&ink(), 8.0);
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].cells.len(), 4);
        assert_eq!(grids[0].cells[0], Slots { row: 0, column: 0, rows: 1, columns: 3 });
    }

    #[test]
    fn words_come_into_the_cells_around_them() {
        let words = [word("Preço", 20, 20), word("a", 20, 70), word("b", 75, 70), word("1,50", 130, 70)];
        let grid = grids(&ink(), 8.0).remove(0);
        let block = grid.block(&words, |_| Rect::default()).unwrap();
        assert_eq!(block.text, "Preço\na\tb\t1,50");
        assert_eq!(block.words.len(), 4);
        assert!(!grid.holds(PixelBox { x0: 300, y0: 0, x1: 310, y1: 5 }));
    }

    #[test]
    fn an_empty_frame_is_no_table() {
        assert!(grids(&ink(), 8.0).remove(0).block(&[word("x", 20, 20)], |_| Rect::default()).is_none());
    }
}
