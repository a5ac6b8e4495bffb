//! Where does text stand in columns between level rules? Tables without upright rules are set so.

use super::super::geometry::{Area, median};
use super::super::line::Line;
use super::super::zone::is_prose;
use super::columns::boundaries;
use super::drawing::Drawing;
use super::drawn::part;
use super::rule::Rule;
use super::sheet::{extents, in_rows};
use crate::model::Rect;

/// Lines that are looked at for all bands of a page, each as often as it lies in one: rules may lie around each other, and the
/// whole text of the page in each of them.
const MOST_LOOKS: usize = 200_000;

/// The boxes between level rules of one width, where what lies between them stands in columns.
pub fn between_rules(lines: &[Line], drawing: &Drawing) -> Vec<Rect> {
    let mut looks = MOST_LOOKS;
    boxes(lines, drawing, &mut looks)
}

/// The same, as far as `looks` last.
fn boxes(lines: &[Line], drawing: &Drawing, looks: &mut usize) -> Vec<Rect> {
    let mut rules: Vec<Rule> = drawing.level.iter().filter(|rule| rule.length() > 40.0).copied().collect();
    rules.truncate(1_000);
    rules.sort_by(|a, b| a.from.total_cmp(&b.from).then(a.at.total_cmp(&b.at)));
    let mut boxes = Vec::new();
    for mut group in alike(rules) {
        group.sort_by(|a, b| a.at.total_cmp(&b.at));
        let mut open: Option<Rect> = None;
        for pair in group.windows(2) {
            let [upper, lower] = pair else { continue };
            let band = Rect { x0: upper.from - 2.0, y0: upper.at, x1: upper.to + 2.0, y1: lower.at };
            match (stands_in_columns(lines, band, looks), &mut open) {
                // A title within a table says nothing of what follows it.
                (None, _) => {}
                (Some(false), _) => boxes.extend(open.take()),
                (Some(true), Some(bounds)) => bounds.y1 = band.y1,
                (Some(true), None) => open = Some(band),
            }
        }
        boxes.extend(open);
    }
    boxes.retain(|bounds| !is_part_of_wider(*bounds, lines, looks));
    boxes.sort_by(|a, b| a.y0.total_cmp(&b.y0).then(a.x0.total_cmp(&b.x0)));
    boxes
}

/// Whether most rows in a box go on beside it, as where a rule stands over a sum only: then its rules bound no table.
fn is_part_of_wider(bounds: Rect, lines: &[Line], looks: &mut usize) -> bool {
    let in_band: Vec<&Line> =
        lines.iter().filter(|line| line.base > bounds.y0 && line.base < bounds.y1).collect();
    if !may_look(looks, in_band.len()) {
        return true;
    }
    let rows = in_rows(in_band.into_iter().cloned().collect());
    let inside = |line: &Line| line.bounds.middle() > bounds.x0 && line.bounds.middle() < bounds.x1;
    let shared = rows.iter().filter(|row| row.iter().any(inside));
    let wider = shared.clone().filter(|row| !row.iter().all(inside)).count();
    let beside: Vec<Line> = rows.iter().flatten().filter(|line| !inside(line)).cloned().collect();
    // Labels of rows are short; the lines of another column of the page are not.
    let is_text = median(&mut beside.iter().map(|line| line.length() as f32).collect::<Vec<f32>>()) > 27.0;
    wider * 10 >= shared.count() * 6 && wider > 0 && !is_text
}

/// The box with the rows just above and below it that stand in pieces: heads that no rule tops, and last rows that none ends.
pub fn with_neighbours(bounds: Rect, lines: &[Line]) -> Rect {
    let beside = |line: &&Line| line.bounds.middle() > bounds.x0 && line.bounds.middle() < bounds.x1;
    let near: Vec<Line> = lines.iter().filter(beside).cloned().collect();
    let rows = in_rows(near);
    let mut whole = bounds;
    let is_row = |row: &[Line]| {
        let is_narrow =
            |line: &Line| line.bounds.width() < 0.5 * bounds.width() && line.bounds.x0 >= bounds.x0 - 2.0;
        row.iter().all(is_narrow) && row.iter().all(|line| line.bounds.x1 <= bounds.x1 + 2.0)
    };
    let mut parted = false;
    for row in rows.iter().rev().filter(|row| row.iter().all(|line| line.base < bounds.y0 + 1.0)).take(3) {
        let (Some(line), true) = (row.first(), is_row(row)) else { break };
        // The lines of a head are close to each other; its first row from below has the names of several columns.
        if whole.y0 - line.base > 1.4 * line.size || !(parted || row.len() > 1) {
            break;
        }
        parted = true;
        whole.y0 = line.bounds.y0 - 1.0;
    }
    if let Some(row) = rows.iter().find(|row| row.iter().all(|line| line.base > bounds.y1)) {
        let close = row.iter().all(|line| line.bounds.y0 - bounds.y1 < 0.9 * line.size);
        if close && row.len() > 1 && is_row(row) {
            whole.y1 = row.iter().map(|line| line.bounds.y1).fold(whole.y1, f32::max) + 1.0;
        }
    }
    whole
}

/// Takes `lines` from those that may still be looked at; no when there are not as many, and none from then on.
fn may_look(looks: &mut usize, lines: usize) -> bool {
    let left = looks.checked_sub(lines);
    *looks = left.unwrap_or_default();
    left.is_some()
}

/// Groups rules that start and end at the same places.
fn alike(rules: Vec<Rule>) -> Vec<Vec<Rule>> {
    const SAME: f32 = 4.0;
    let mut groups: Vec<Vec<Rule>> = Vec::new();
    for rule in rules {
        let group = groups.iter_mut().rev().take(50).find(|group| {
            group.first().is_some_and(|first| {
                (first.from - rule.from).abs() < SAME && (first.to - rule.to).abs() < SAME
            })
        });
        match group {
            Some(group) => group.push(rule),
            None => groups.push(vec![rule]),
        }
    }
    groups
}

/// Whether text in a box has gaps that run through its rows, and is not prose in two columns; none where there is too little
/// to tell.
fn stands_in_columns(lines: &[Line], band: Rect, looks: &mut usize) -> Option<bool> {
    let near: Vec<&Line> = lines.iter().filter(|line| line.bounds.shared_height(&band) > 0.0).collect();
    if !may_look(looks, near.len()) {
        return None;
    }
    let inside: Vec<Line> = near.into_iter().filter_map(|line| part(line, band, true)).collect();
    let (pieces, size) = (inside.len(), inside.iter().map(|line| line.size).fold(0.0, f32::max));
    let rows = in_rows(inside);
    let is_title = pieces == 1 && rows.iter().flatten().all(|line| line.bounds.width() < 0.6 * band.width());
    if rows.is_empty() || is_title {
        return None;
    }
    let is_wide = |row: &&Vec<Line>| row.iter().any(|line| line.bounds.width() > 0.8 * band.width());
    let gaps = boundaries(&extents(&rows), size);
    let wide = rows.iter().filter(is_wide).count();
    let is_parted =
        pieces >= 2 && !gaps.is_empty() && (wide * 7 <= rows.len() || wide <= 1 && rows.len() > 2);
    let side = |is_left: bool| -> Vec<Line> {
        let pieces = rows.iter().flatten();
        pieces
            .filter(|line| gaps.first().is_some_and(|gap| (line.bounds.middle() < *gap) == is_left))
            .cloned()
            .collect()
    };
    let is_text = |lines: &[Line]| lines.len() > 6 && is_prose(lines);
    Some(is_parted && !(gaps.len() == 1 && is_text(&side(true)) && is_text(&side(false))))
}

#[cfg(test)]
mod tests {
    use super::super::super::line::tests::word;
    use super::super::super::row::lines;
    use super::super::super::shape::Shapes;
    use super::*;

    #[test]
    fn text_between_rules_around_each_other_is_looked_at_so_often_and_not_more() {
        let words = (0..30_000_u16)
            .map(|at| word("ab", 400.0 + f32::from(at % 100) * 30.0, 1_000.0 + f32::from(at / 100) * 20.0));
        let lines = lines(words.collect());
        let rule = |at: u16, y: f32| Rect {
            x0: 5.0 * f32::from(at),
            y0: y,
            x1: 14_000.0 - 5.0 * f32::from(at),
            y1: y,
        };
        let level =
            (0..450).flat_map(|at| [rule(at, 2.0 * f32::from(at)), rule(at, 14_000.0 - 2.0 * f32::from(at))]);
        let shapes = Shapes { level: level.collect(), ..Shapes::default() };
        let drawing = Drawing::of(&shapes, (14_400.0, 14_400.0));
        let mut looks = 1_000;
        assert_eq!((boxes(&lines, &drawing, &mut looks), looks), (Vec::new(), 0));
    }
}
