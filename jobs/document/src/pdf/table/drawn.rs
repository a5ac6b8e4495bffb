//! Which tables of a page are drawn? Grids of rules, grids of shaded cells, and text between level rules.

use super::super::geometry::Area;
use super::super::line::Line;
use super::super::prose::Compounds;
use super::super::word::Word;
use super::banded::{between_rules, with_neighbours};
use super::draft::{Draft, Found};
use super::drawing::Drawing;
use super::grid::Grid;
use super::refine::refined;
use super::sheet::{Sheet, sheet};
use crate::model::Rect;

/// Lines that are looked at for all tables of a page, each as often as it lies in a box: boxes may lie around each other.
const MOST_LOOKS: usize = 1_000_000;

/// Takes the tables that are drawn out of `lines`.
pub fn tables(lines: &mut Vec<Line>, drawing: &Drawing, compounds: &Compounds) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut looks = MOST_LOOKS;
    for (grid, is_ruled) in drawing
        .ruled()
        .into_iter()
        .map(|grid| (grid, true))
        .chain(drawing.shaded().into_iter().map(|grid| (grid, false)))
    {
        let bounds = grid.bounds();
        if found.iter().any(|table| table.bounds.holds(&bounds, 0.0) || bounds.holds(&table.bounds, 0.0)) {
            continue;
        }
        let inside: Vec<Line> = lines.iter().filter_map(|line| part(line, bounds, true)).collect();
        looks = looks.saturating_sub(inside.len());
        if looks == 0 {
            return found;
        }
        let Some(draft) = of_grid(grid, inside, drawing, is_ruled) else { continue };
        remove(lines, bounds);
        found.push(draft.found(compounds, drawing.fills()));
    }
    for bounds in between_rules(lines, drawing) {
        looks = looks.saturating_sub(lines.len());
        if looks == 0 {
            return found;
        }
        let bounds = with_neighbours(bounds, lines);
        let inside: Vec<Line> = lines.iter().filter_map(|line| part(line, bounds, true)).collect();
        if let Some(sheet) = sheet(inside, &drawing.hints).filter(Sheet::is_table_between_rules) {
            remove(lines, bounds);
            found.push(sheet.draft.found(compounds, drawing.fills()));
        }
    }
    found
}

/// The part of a line that lies in a box, or the part that does not.
pub fn part(line: &Line, bounds: Rect, inside: bool) -> Option<Line> {
    let words: Vec<Word> =
        line.words.iter().filter(|word| bounds.holds(&word.bounds, 0.0) == inside).cloned().collect();
    Line::of(words)
}

fn remove(lines: &mut Vec<Line>, bounds: Rect) {
    *lines = std::mem::take(lines)
        .into_iter()
        .filter_map(|line| {
            if line.bounds.shared_height(&bounds) < 0.0 { Some(line) } else { part(&line, bounds, false) }
        })
        .collect();
}

/// The table of a grid; none where it frames something else.
fn of_grid(grid: Grid, inside: Vec<Line>, drawing: &Drawing, is_ruled: bool) -> Option<Draft> {
    let words = inside.iter().flat_map(|line| line.words.iter().cloned()).collect();
    let draft = Draft::filled(grid, words);
    let (rows, columns) = draft.used();
    let (full, all) = (draft.full(), draft.grid.slots.len());
    if rows >= 2 && columns >= 2 && full * 4 >= all && full >= 3 && (is_ruled || full * 2 >= all) {
        return (!is_layout(&draft)).then(|| refined(draft));
    }
    // One column of boxes may be the rows of a table without upright rules.
    (draft.grid.columns() == 1 || draft.grid.rows() <= 2)
        .then(|| sheet(inside, &drawing.hints))?
        .filter(Sheet::is_table)
        .map(|sheet| sheet.draft)
}

/// Whether a few cells hold whole pages of text: then they are columns of a layout.
fn is_layout(draft: &Draft) -> bool {
    let lines: usize = draft.lines.iter().map(Vec::len).sum();
    draft.full() <= 4 && lines > 12 * draft.full()
}

#[cfg(test)]
mod tests {
    use super::super::super::line::tests::word;
    use super::super::super::row::lines;
    use super::super::super::shape::Shapes;
    use super::*;

    fn flat(y: f32) -> Rect {
        Rect { x0: 0.0, y0: y, x1: 200.0, y1: y }
    }

    fn page() -> Vec<Line> {
        lines(vec![
            word("Nome", 2.0, 30.0),
            word("Idade", 102.0, 30.0),
            word("Ana", 2.0, 50.0),
            word("31", 102.0, 50.0),
            word("Rui", 2.0, 64.0),
            word("29", 102.0, 64.0),
            word("Depois", 2.0, 120.0),
        ])
    }

    #[test]
    fn text_in_columns_between_rules_is_a_table() {
        let shapes = Shapes { level: vec![flat(20.0), flat(36.0), flat(70.0)], ..Shapes::default() };
        let mut lines = page();
        let found = tables(&mut lines, &Drawing::of(&shapes, (300.0, 400.0)), &Compounds::default());
        assert_eq!(
            found.iter().map(|found| (found.table.rows, found.table.columns)).collect::<Vec<_>>(),
            [(3, 2)]
        );
        assert_eq!(lines.iter().map(Line::text).collect::<Vec<_>>(), ["Depois"]);
    }

    #[test]
    fn a_frame_around_text_is_no_table() {
        let upright = [0.0, 200.0].map(|x| Rect { x0: x, y0: 10.0, x1: x, y1: 130.0 });
        let shapes =
            Shapes { level: vec![flat(10.0), flat(130.0)], upright: upright.to_vec(), ..Shapes::default() };
        let mut lines =
            lines(vec![word("só", 2.0, 30.0), word("texto", 15.0, 30.0), word("aqui", 2.0, 44.0)]);
        assert!(tables(&mut lines, &Drawing::of(&shapes, (300.0, 400.0)), &Compounds::default()).is_empty());
        assert_eq!(lines.iter().map(Line::text).collect::<Vec<_>>(), ["só texto", "aqui"]);
    }
}
