//! Which tables stand in a column of text? Runs of rows with several pieces each, that look like a table.

use super::super::geometry::Area;
use super::super::line::Line;
use super::super::list;
use super::super::prose::Compounds;
use super::draft::Found;
use super::drawn::Drawing;
use super::sheet::{in_rows, sheet};

/// A part of a column of text.
#[derive(Debug)]
pub enum Part {
    /// A line, or pieces of one.
    Row(Vec<Line>),
    /// A table.
    Table(Found),
}

/// The rows of a column of text, from top to bottom, with the tables in their places; `is_code` tells lines that are none.
pub fn parts(
    lines: Vec<Line>,
    drawing: &Drawing,
    compounds: &Compounds,
    is_code: impl Fn(&Line) -> bool,
) -> Vec<Part> {
    let width = super::draft::lines_box(&lines).map_or(0.0, |bounds| bounds.width());
    let mut rows: Vec<Vec<Line>> = in_rows(lines).into_iter().map(list::with_marker).collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < rows.len() {
        let run = run(&rows, at, width, &is_code);
        if run.len() >= 2 {
            let lines: Vec<Line> =
                rows.get(run.clone()).unwrap_or_default().iter().flatten().cloned().collect();
            if let Some(sheet) = sheet(lines, &drawing.hints).filter(super::sheet::Sheet::is_table) {
                // Rows before the first one that has pieces may belong to the table: they are parts already.
                let early = at - run.start;
                parts.truncate(parts.len().saturating_sub(early));
                parts.push(Part::Table(sheet.draft.found(compounds, drawing.fills())));
                at = run.end;
                continue;
            }
            for row in rows.get_mut(at..run.end).unwrap_or_default() {
                parts.push(Part::Row(std::mem::take(row)));
            }
            at = run.end;
            continue;
        }
        parts.extend(rows.get_mut(at).map(|row| Part::Row(std::mem::take(row))));
        at += 1;
    }
    parts
}

/// Lines of a cell that may stand alone in their rows.
const MOST_LONE: usize = 6;

/// The rows around `at` that may be a table: from the first that has pieces to the last.
fn run(
    rows: &[Vec<Line>],
    at: usize,
    width: f32,
    is_code: &impl Fn(&Line) -> bool,
) -> std::ops::Range<usize> {
    let is_parted = |row: &[Line]| is_parted(row) && !row.iter().all(is_code);
    let Some(first) = rows.get(at).filter(|row| is_parted(row)) else { return at..at };
    let (mut end, mut lone, mut widest) = (at + 1, 0, 0.0_f32);
    let (mut last, mut last_parted) = (first, first);
    for (index, row) in rows.iter().enumerate().skip(at + 1) {
        let pitch = base(row) - base(last);
        if pitch > (3.2 * size(row)).max(1.6 * widest) {
            break;
        }
        if is_parted(row) {
            (end, lone, last_parted) = (index + 1, 0, row);
        } else if lone < MOST_LONE && (is_narrow(row, width) || is_under(row, last_parted)) {
            lone += 1;
        } else {
            break;
        }
        widest = widest.max(pitch);
        last = row;
    }
    // What follows close below goes on with a cell of the last row.
    while let (Some(row), Some(last)) = (rows.get(end), rows.get(end - 1)) {
        let is_close = base(row) - base(last) < 1.35 * size(row);
        if !(is_close && is_under(row, last_parted)) {
            break;
        }
        end += 1;
    }
    // What stands close above, right of the first column, is the first line of a title or its group.
    let mut start = at;
    while let (Some(row), Some(next)) =
        (start.checked_sub(1).and_then(|before| rows.get(before)), rows.get(start))
    {
        let is_close = base(next) - base(row) < 1.6 * size(row) && at - start < 2;
        let is_inner =
            row.first().zip(next.first()).is_some_and(|(line, first)| line.bounds.x0 > first.bounds.x1);
        if row.is_empty() || !(is_close && is_inner && is_narrow(row, width)) {
            break;
        }
        start -= 1;
    }
    start..end
}

/// Whether a row is one line that starts where a later column of another row does: it goes on with its cell.
fn is_under(row: &[Line], parted: &[Line]) -> bool {
    let starts_alike =
        |line: &Line| parted.iter().skip(1).any(|other| (other.bounds.x0 - line.bounds.x0).abs() < 2.5);
    row.len() == 1 && row.iter().all(starts_alike)
}

fn base(row: &[Line]) -> f32 {
    row.first().map_or(0.0, |line| line.base)
}

fn size(row: &[Line]) -> f32 {
    row.iter().map(|line| line.size).fold(0.0, f32::max)
}

/// Whether a row has pieces that may be cells.
fn is_parted(row: &[Line]) -> bool {
    row.len() > 1 && !row.iter().any(is_leader)
}

/// Whether a line leads the eye to a page number, as those of a table of contents do.
fn is_leader(line: &Line) -> bool {
    let dots = line.words.iter().map(|word| word.text.matches(['.', '…', '_']).count()).sum::<usize>();
    dots >= 5 && dots * 2 > line.length()
        || line.words.iter().any(|word| word.text.contains("....."))
        || dots > 12
}

fn is_narrow(row: &[Line], width: f32) -> bool {
    row.len() == 1 && row.iter().all(|line| line.bounds.width() < 0.62 * width)
}
