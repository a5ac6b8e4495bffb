//! Does a row that is drawn hold several that are not? Lines that stand beside each other, and did not have to end, are rows.

use super::super::geometry::Area;
use super::super::line::Line;
use super::draft::Draft;
use super::grid::{Grid, Slot};
use super::number::is_number;
use super::rule::places;

/// Parts the rows of a grid where their cells have one line each for several rows.
pub fn refined(draft: Draft) -> Draft {
    let rows = draft.grid.rows();
    let parts: Vec<Vec<f32>> = (0..rows).map(|row| bases_of(&draft, row)).collect();
    if parts.iter().all(Vec::is_empty) {
        return draft;
    }
    let mut ys = Vec::new();
    let mut first_of = Vec::with_capacity(rows + 1);
    for (row, bases) in parts.iter().enumerate() {
        first_of.push(ys.len());
        ys.extend(draft.grid.ys.get(row));
        ys.extend(bases.windows(2).map(|pair| match pair {
            [a, b] => a + 0.3 * (b - a),
            _ => 0.0,
        }));
    }
    first_of.push(ys.len());
    ys.extend(draft.grid.ys.last());
    let (mut slots, mut lines) = (Vec::new(), Vec::new());
    for (slot, text) in draft.grid.slots.iter().zip(draft.lines) {
        let row = first_of.get(slot.row).copied().unwrap_or_default();
        let end = first_of.get(slot.row + slot.rows).copied().unwrap_or(row + 1);
        let bases = parts.get(slot.row).filter(|bases| slot.rows == 1 && !bases.is_empty());
        match bases {
            Some(bases) => {
                let mut of_part: Vec<Vec<Line>> = vec![Vec::new(); bases.len()];
                for line in text {
                    let nearest = (0..bases.len()).min_by(|&a, &b| {
                        let away =
                            |at: usize| bases.get(at).map_or(f32::MAX, |base| (base - line.base).abs());
                        away(a).total_cmp(&away(b))
                    });
                    if let Some(part) = nearest.and_then(|nearest| of_part.get_mut(nearest)) {
                        part.push(line);
                    }
                }
                for (at, part) in of_part.into_iter().enumerate() {
                    slots.push(Slot { row: row + at, rows: 1, ..*slot });
                    lines.push(part);
                }
            }
            None => {
                slots.push(Slot { row, rows: end - row, ..*slot });
                lines.push(text);
            }
        }
    }
    let mut order: Vec<usize> = (0..slots.len()).collect();
    order.sort_by_key(|&at| slots.get(at).map(|slot| (slot.row, slot.column)));
    let slots_in_order = order.iter().filter_map(|&at| slots.get(at).copied()).collect();
    let lines_in_order = order.iter().filter_map(|&at| lines.get(at).cloned()).collect();
    Draft { grid: Grid { xs: draft.grid.xs, ys, slots: slots_in_order }, lines: lines_in_order }
}

/// The baselines of the rows that a drawn row holds; none where it is one row.
fn bases_of(draft: &Draft, row: usize) -> Vec<f32> {
    let cells: Vec<(&Slot, &Vec<Line>)> = draft
        .cells()
        .filter(|(slot, lines)| slot.row == row && slot.rows == 1 && !lines.is_empty())
        .collect();
    // A cell that goes on from the rows above would be cut.
    let size = cells.iter().flat_map(|(_, lines)| lines.iter()).map(|line| line.size).fold(0.0, f32::max);
    let bases = places(cells.iter().flat_map(|(_, lines)| lines.iter()).map(|line| line.base), 0.35 * size);
    if bases.len() < 2 || cells.len() < 2 {
        return Vec::new();
    }
    let whole = cells.iter().filter(|(_, lines)| lines_of(lines) == bases.len()).count();
    let (mut free, mut forced) = (0, 0);
    for (slot, lines) in &cells {
        let left = draft.grid.xs.get(slot.column).copied().unwrap_or_default();
        let right = draft.grid.xs.get(slot.column + slot.columns).copied().unwrap_or_default();
        for pair in lines.windows(2) {
            let [above, below] = pair else { continue };
            if below.base - above.base < 0.5 * size {
                continue;
            }
            // Cells have some room at their sides; what is free on the left of the text is free on its right too.
            let margin = (above.bounds.x0.min(below.bounds.x0) - left).clamp(1.0, 0.5 * size);
            let word = below.first_width();
            let end = above.bounds.width() + 0.3 * size + word;
            if end < right - left - 2.0 * margin { free += 1 } else { forced += 1 }
        }
    }
    // Numbers are not wrapped, and texts that are seldom take three lines each in every column.
    let numbers = cells
        .iter()
        .any(|(_, lines)| lines_of(lines) == bases.len() && lines.iter().all(|line| is_number(&line.text())));
    let alike = bases.len() >= 3 && cells.len() >= 3 && whole * 10 >= cells.len() * 8;
    let did_not_have_to = free > 0 && free >= 3 * forced;
    let is_parted = whole >= 2 && whole * 10 >= cells.len() * 6 && (numbers || alike || did_not_have_to);
    if is_parted { bases } else { Vec::new() }
}

/// How many lines there are, those beside each other counted once.
fn lines_of(lines: &[Line]) -> usize {
    let size = lines.iter().map(|line| line.bounds.height()).fold(0.0, f32::max);
    places(lines.iter().map(|line| line.base), 0.35 * size).len()
}

#[cfg(test)]
mod tests {
    use super::super::super::line::tests::word;
    use super::*;

    #[test]
    fn a_drawn_row_with_lines_that_did_not_have_to_end_is_several_rows() {
        let grid = Grid::plain(vec![0.0, 100.0, 200.0], vec![0.0, 40.0]);
        let words = vec![
            word("um", 2.0, 12.0),
            word("1", 102.0, 12.0),
            word("dois", 2.0, 26.0),
            word("2", 102.0, 26.0),
        ];
        let draft = refined(Draft::filled(grid, words));
        assert_eq!(draft.grid.rows(), 2);
        let texts: Vec<String> = draft.lines.iter().flatten().map(Line::text).collect();
        assert_eq!(texts, ["um", "1", "dois", "2"]);
    }

    #[test]
    fn a_drawn_row_with_text_that_is_wrapped_is_one_row() {
        let grid = Grid::plain(vec![0.0, 60.0, 120.0], vec![0.0, 40.0]);
        let words = vec![
            word("comprido", 2.0, 12.0),
            word("demais", 2.0, 26.0),
            word("também", 62.0, 12.0),
            word("comprido", 62.0, 26.0),
        ];
        assert_eq!(refined(Draft::filled(grid, words)).grid.rows(), 1);
    }
}
