//! Does a row that is drawn hold several that are not? Lines that stand beside each other, and did not have to end, are rows.

use super::super::geometry::Area;
use super::super::line::Line;
use super::draft::Draft;
use super::grid::{Grid, Slot};
use super::number::is_number;
use super::rows::{Strip, StripCell, grouped};
use super::rule::places;

/// Rows of a grid that may each hold several: a head, a body and a foot.
const MOST_BANDS: usize = 3;

/// Parts the rows of a grid where they hold several rows of text.
pub fn refined(draft: Draft) -> Draft {
    let rows = draft.grid.rows();
    let parts: Vec<Vec<f32>> = (0..rows).map(|row| starts_of(&draft, row)).collect();
    if parts.iter().all(Vec::is_empty) {
        return draft;
    }
    let mut ys = Vec::new();
    let mut first_of = Vec::with_capacity(rows + 1);
    for (row, starts) in parts.iter().enumerate() {
        first_of.push(ys.len());
        ys.extend(draft.grid.ys.get(row));
        ys.extend(starts);
    }
    first_of.push(ys.len());
    ys.extend(draft.grid.ys.last());
    let mut cells: Vec<(Slot, Vec<Line>)> = Vec::new();
    for (slot, text) in draft.grid.slots.iter().zip(draft.lines) {
        let row = first_of.get(slot.row).copied().unwrap_or_default();
        let end = first_of.get(slot.row + slot.rows).copied().unwrap_or(row + 1);
        match parts.get(slot.row).filter(|starts| slot.rows == 1 && !starts.is_empty()) {
            Some(starts) => {
                let mut of_part: Vec<Vec<Line>> = vec![Vec::new(); starts.len() + 1];
                for line in text {
                    let part = starts.partition_point(|start| *start < line.bounds.centre());
                    if let Some(part) = of_part.get_mut(part) {
                        part.push(line);
                    }
                }
                let place = |(at, part)| (Slot { row: row + at, rows: 1, ..*slot }, part);
                cells.extend(of_part.into_iter().enumerate().map(place));
            }
            None => cells.push((Slot { row, rows: end - row, ..*slot }, text)),
        }
    }
    cells.sort_by_key(|(slot, _)| (slot.row, slot.column));
    let (slots, lines) = cells.into_iter().unzip();
    Draft { grid: Grid { xs: draft.grid.xs, ys, slots }, lines }
}

/// The heights from which the rows start that a drawn row holds; none where it is one row.
fn starts_of(draft: &Draft, row: usize) -> Vec<f32> {
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
    // Where rules part more than a head, a body and a foot, they part all rows: only what cannot be one row is more.
    if draft.grid.rows() > MOST_BANDS && !(alike && numbers && whole == cells.len()) {
        return Vec::new();
    }
    let is_parted = whole >= 2 && whole * 10 >= cells.len() * 6 && (numbers || alike || did_not_have_to);
    if is_parted {
        let start = |pair: &[f32]| pair.iter().sum::<f32>() / 2.0 - 0.25 * size;
        return bases.windows(2).map(start).collect();
    }
    starts_of_strips(draft, &cells)
}

/// The same, where rows are told by the room between them, and each has text in most columns.
fn starts_of_strips(draft: &Draft, cells: &[(&Slot, &Vec<Line>)]) -> Vec<f32> {
    let mut pieces: Vec<StripCell> = Vec::new();
    for (slot, lines) in cells {
        let piece = |line: &Line| StripCell {
            first: slot.column,
            last: slot.column + slot.columns - 1,
            line: line.clone(),
        };
        pieces.extend(lines.iter().map(piece));
    }
    pieces.sort_by(|a, b| a.line.base.total_cmp(&b.line.base));
    let mut strips: Vec<Strip> = Vec::new();
    for piece in pieces {
        let (base, size) = (piece.line.base, piece.line.size);
        match strips.last_mut() {
            Some(strip) if base - strip.base <= 0.3 * size.min(strip.size) => strip.cells.push(piece),
            _ => strips.push(Strip { cells: vec![piece], base, size }),
        }
    }
    let widths = rooms(draft, cells);
    let groups = grouped(&strips, &[], &widths);
    if !are_apart(&strips, &groups) {
        return Vec::new();
    }
    let mut starts = Vec::new();
    let mut rest = strips.as_slice();
    let mut bottom: Option<f32> = None;
    for count in groups {
        let (group, later) = rest.split_at(count.min(rest.len()));
        let has =
            |column: usize| group.iter().flat_map(|strip| &strip.cells).any(|cell| cell.first == column);
        let columns = cells.iter().filter(|(slot, _)| has(slot.column)).count();
        if columns < 2 || columns * 10 < cells.len() * 6 {
            return Vec::new();
        }
        let edge = |from: fn(&Line) -> f32| {
            group.iter().flat_map(|strip| &strip.cells).map(move |cell| from(&cell.line))
        };
        let top = edge(|line| line.bounds.y0).fold(f32::MAX, f32::min);
        starts.extend(bottom.map(|bottom| f32::midpoint(bottom, top)));
        bottom = Some(edge(|line| line.bounds.y1).fold(f32::MIN, f32::max));
        rest = later;
    }
    starts
}

/// The room for text in each column: what its cells leave free at one side is free at the other one too.
fn rooms(draft: &Draft, cells: &[(&Slot, &Vec<Line>)]) -> Vec<f32> {
    let mut rooms = Vec::with_capacity(draft.grid.columns());
    for (column, edges) in draft.grid.xs.windows(2).enumerate() {
        let &[left, right] = edges else { continue };
        let lines =
            cells.iter().filter(|(slot, _)| slot.column == column).flat_map(|(_, lines)| lines.iter());
        let margin = |line: &Line| (line.bounds.x0 - left).min(right - line.bounds.x1);
        let margin = lines.map(margin).fold(f32::MAX, f32::min).clamp(0.0, 0.3 * (right - left));
        rooms.push(right - left - 2.0 * margin);
    }
    rooms
}

/// Whether groups of strips are clearly farther from each other than the strips of each.
fn are_apart(strips: &[Strip], groups: &[usize]) -> bool {
    let size = strips.iter().map(|strip| strip.size).fold(0.0, f32::max);
    let mut ends = groups.iter().scan(0, |end, count| {
        *end += count;
        Some(*end)
    });
    let mut end = ends.next().unwrap_or(0);
    // Lines of one row are no closer than those of a paragraph.
    let (mut inner, mut outer) = (1.25 * size, f32::MAX);
    for (at, pair) in strips.windows(2).enumerate() {
        let [above, below] = pair else { continue };
        let pitch = below.base - above.base;
        if at + 1 == end {
            outer = outer.min(pitch);
            end = ends.next().unwrap_or(usize::MAX);
        } else {
            inner = f32::max(inner, pitch);
        }
    }
    groups.len() > 1 && outer > 1.15 * inner
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
