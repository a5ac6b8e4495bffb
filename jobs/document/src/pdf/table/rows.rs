//! Which lines make one row of a table without level rules? Those that overlap, and those that go on with a cell.

use super::super::geometry::Area;
use super::super::line::Line;
use super::number::is_number;

/// A line of a table over all of its columns.
#[derive(Debug, Clone)]
pub struct Strip {
    /// Of each column, or of several that it covers, the text.
    pub cells: Vec<StripCell>,
    /// Its baseline.
    pub base: f32,
    /// The size of its text.
    pub size: f32,
}

/// A piece of a strip.
#[derive(Debug, Clone)]
pub struct StripCell {
    /// First column.
    pub first: usize,
    /// Last column.
    pub last: usize,
    /// The text.
    pub line: Line,
}

/// How many strips each row has, from the first on. `separators` are the heights at which something is drawn between
/// rows; `widths` is the room of each column.
pub fn grouped(strips: &[Strip], separators: &[f32], widths: &[f32]) -> Vec<usize> {
    let pitches: Vec<f32> = strips.windows(2).map(pitch).collect();
    let parted = |at: usize| {
        let (Some(a), Some(b)) = (strips.get(at), strips.get(at + 1)) else { return true };
        separators.iter().any(|&y| y > a.base - 0.3 * a.size && y < b.base - 0.2 * b.size)
    };
    let drawn = (0..pitches.len()).filter(|&at| parted(at)).count();
    // Where most rows are parted by rules or shades, what these do not part is one row.
    let is_drawn = pitches.len() >= 2 && separators.len() >= 3 && drawn * 5 >= pitches.len() * 2 && {
        let first_columns =
            strips.iter().filter(|strip| strip.cells.iter().any(|cell| cell.first == 0)).count();
        drawn * 3 >= first_columns.saturating_sub(1) * 2
    };
    let tight = tight_pitch(strips, &pitches);
    let mut groups = Vec::new();
    let mut count = 1;
    let mut start = 0;
    for (at, &pitch) in pitches.iter().enumerate() {
        let goes_on =
            !parted(at) && !leads_the_next(strips, at) && !has_number_of_its_own(strips, start, at) && {
                let size = strips.get(at).map_or(1.0, |strip| strip.size);
                // Lines that overlap are beside each other: a cell stands in the middle of its row.
                is_drawn
                    || pitch < 0.75 * size
                    || match tight {
                        Tight::Pitch(tight) => pitch <= tight && !starts_anew(strips, start, at, widths),
                        Tight::None => false,
                        Tight::All => pitch <= 1.45 * size && goes_on_below(strips, start, at, widths),
                    }
            };
        if goes_on {
            count += 1;
        } else {
            groups.push(count);
            count = 1;
            start = at + 1;
        }
    }
    groups.push(count);
    groups
}

/// Whether the strip after `at` stands closer to the one below it, which starts a row, and beside which it stands: then it is
/// the first line of a cell that is higher than its row's others.
fn leads_the_next(strips: &[Strip], at: usize) -> bool {
    let [last, next, below] = strips.get(at..at + 3).unwrap_or_default() else { return false };
    let has_first = |strip: &Strip| strip.cells.iter().any(|cell| cell.first == 0);
    let (above, under) = (next.base - last.base, below.base - next.base);
    under < 0.75 * next.size && under < 0.8 * above && !has_first(next) && has_first(below)
}

/// Whether the strip after `at` has a number where the row since `start` has one: no number goes on in a second line.
fn has_number_of_its_own(strips: &[Strip], start: usize, at: usize) -> bool {
    let row = strips.get(start..=at).unwrap_or_default();
    let numbers = |strip: &Strip| -> Vec<usize> {
        let is_number = |cell: &&StripCell| super::number::is_number(&cell.line.text());
        strip.cells.iter().filter(is_number).map(|cell| cell.first).collect()
    };
    let next = strips.get(at + 1).map(numbers).unwrap_or_default();
    !next.is_empty() && row.iter().flat_map(numbers).any(|column| next.contains(&column))
}

fn pitch(pair: &[Strip]) -> f32 {
    match pair {
        [a, b] => b.base - a.base,
        _ => 0.0,
    }
}

/// How close the lines of a cell are.
enum Tight {
    /// No closer than those of different rows: only the text tells.
    All,
    /// At most so far apart, while rows are farther.
    Pitch(f32),
    /// Every line is far from the next one: each is a row.
    None,
}

/// Tells the pitch of lines in a cell from that of rows, by the widest step between the pitches that are found.
fn tight_pitch(strips: &[Strip], pitches: &[f32]) -> Tight {
    let size = strips.iter().map(|strip| strip.size).fold(0.0, f32::max);
    // Halves of a line, where a cell stands in the middle beside two lines of another one, tell nothing.
    let mut sorted: Vec<f32> = pitches.iter().copied().filter(|pitch| *pitch > 0.75 * size).collect();
    sorted.sort_by(f32::total_cmp);
    let Some(&least) = sorted.first() else { return Tight::All };
    if least > 1.5 * size {
        return Tight::None;
    }
    let step = sorted.windows(2).filter_map(|pair| match pair {
        [a, b] => Some((*a, *b)),
        _ => None,
    });
    let widest = step.max_by(|a, b| (a.1 / a.0).total_cmp(&(b.1 / b.0)));
    match widest {
        Some((below, above)) if above / below > 1.15 && below <= 1.5 * size => {
            Tight::Pitch(f32::midpoint(below, above))
        }
        _ => Tight::All,
    }
}

/// Whether the strip after `at` starts a row, however close it is: it has text in the first column, as the row since
/// `start` has, and that does not go on a line that was full.
fn starts_anew(strips: &[Strip], start: usize, at: usize, widths: &[f32]) -> bool {
    let Some(next) = strips.get(at + 1) else { return true };
    let row = strips.get(start..=at).unwrap_or_default();
    let has_first = row.iter().flat_map(|strip| &strip.cells).any(|cell| cell.first == 0);
    let first = next.cells.iter().find(|cell| cell.first == 0);
    // A number goes on no other one.
    let above =
        |column: usize| row.iter().rev().flat_map(|strip| &strip.cells).find(|cell| cell.first == column);
    let is_figure = |cell: &StripCell| is_number(&cell.line.text());
    let has_new_number =
        next.cells.iter().any(|cell| is_figure(cell) && above(cell.first).is_some_and(is_figure));
    if has_first && has_new_number && first.is_some() {
        return true;
    }
    has_first && next.cells.len() >= 2 && first.is_some_and(|cell| !was_full(row, cell, widths))
}

/// Whether the strip after `at` goes on with cells of the row since `start`: it has fewer of them, no numbers, and follows
/// lines that had no room for its first words.
fn goes_on_below(strips: &[Strip], start: usize, at: usize, widths: &[f32]) -> bool {
    let (Some(next), Some(first)) = (strips.get(at + 1), strips.get(start)) else { return false };
    let row = strips.get(start..=at).unwrap_or_default();
    let has = |column: usize| row.iter().flat_map(|strip| &strip.cells).any(|cell| cell.first == column);
    let is_part = next.cells.iter().all(|cell| has(cell.first));
    let has_numbers = next.cells.iter().any(|cell| is_number(&cell.line.text()));
    let fewer = next.cells.len() < first.cells.len().max(2);
    if is_part && fewer && !has_numbers && next.cells.iter().all(|cell| was_full(row, cell, widths)) {
        return true;
    }
    // A line in one later column alone, which starts as no sentence and no number does.
    let is_lone = next.cells.len() == 1 && next.cells.iter().all(|cell| cell.first > 0 && has(cell.first));
    is_lone && next.cells.iter().all(|cell| starts_small(&cell.line))
}

fn starts_small(line: &Line) -> bool {
    line.first()
        .and_then(|word| word.text.chars().next())
        .is_some_and(|code| code.is_lowercase() || code == '(')
}

/// Whether the last line of the cell that `cell` goes on with had no room for its first word.
fn was_full(row: &[Strip], cell: &StripCell, widths: &[f32]) -> bool {
    let above = row.iter().rev().flat_map(|strip| &strip.cells).find(|above| above.first == cell.first);
    let (Some(above), Some(room)) = (above, widths.get(cell.first)) else { return false };
    let word = cell.line.first_width();
    above.line.bounds.width() + 0.3 * above.line.size + word > 0.98 * room
}

#[cfg(test)]
mod tests {
    use super::super::super::line::tests::word;
    use super::*;

    fn strip(base: f32, cells: &[(usize, &str)]) -> Strip {
        let cells = cells.iter().map(|&(column, text)| {
            let mut x = column as f32 * 100.0;
            let words = text.split(' ').map(|text| {
                let placed = word(text, x, base);
                x = placed.bounds.x1 + 3.0;
                placed
            });
            StripCell { first: column, last: column, line: Line::of(words.collect()).unwrap() }
        });
        Strip { cells: cells.collect(), base, size: 10.0 }
    }

    #[test]
    fn lines_that_are_far_apart_are_rows() {
        let strips =
            [strip(0.0, &[(0, "a"), (1, "1")]), strip(20.0, &[(0, "b"), (1, "2")]), strip(40.0, &[(0, "c")])];
        assert_eq!(grouped(&strips, &[], &[50.0, 50.0]), [1, 1, 1]);
    }

    #[test]
    fn a_line_that_goes_on_with_a_full_cell_is_no_row() {
        let strips = [
            strip(0.0, &[(0, "uma descrição"), (1, "10")]),
            strip(12.0, &[(0, "comprida")]),
            strip(24.0, &[(0, "outra"), (1, "20")]),
        ];
        assert_eq!(grouped(&strips, &[], &[70.0, 20.0]), [2, 1]);
    }

    #[test]
    fn rows_may_be_told_by_the_room_between_them() {
        let strips = [
            strip(0.0, &[(0, "Nome"), (1, "12")]),
            strip(12.0, &[(0, "abc")]),
            strip(32.0, &[(0, "Outro"), (1, "13")]),
            strip(44.0, &[(0, "Aaaaa")]),
        ];
        assert_eq!(grouped(&strips, &[], &[70.0, 20.0]), [2, 2]);
    }

    #[test]
    fn what_is_drawn_between_rows_parts_them() {
        let cells = |at: usize| if at.is_multiple_of(2) { vec![(0, "a"), (1, "b")] } else { vec![(1, "c")] };
        let strips: Vec<Strip> = (0..6).map(|at| strip(at as f32 * 12.0, &cells(at))).collect();
        assert_eq!(grouped(&strips, &[-9.0, 14.5, 38.5, 63.0], &[70.0, 20.0]), [2, 2, 2]);
    }
}
