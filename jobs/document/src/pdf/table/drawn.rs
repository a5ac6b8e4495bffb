//! Which tables of a page are drawn? Grids of rules, grids of shaded cells, and text between level rules.

use super::super::geometry::Area;
use super::super::line::Line;
use super::super::prose::Compounds;
use super::super::shape::Shapes;
use super::super::word::Word;
use super::draft::{Draft, Found};
use super::grid::{Grid, grids};
use super::refine::refined;
use super::rule::{self, Rule};
use super::sheet::{Hints, in_rows, sheet};
use crate::model::Rect;

/// What is drawn on a page, as tables need it.
#[derive(Debug, Default)]
pub struct Drawing {
    level: Vec<Rule>,
    upright: Vec<Rule>,
    fills: Vec<Rect>,
    /// What tells rows and columns apart where there is no grid.
    pub hints: Hints,
}

impl Drawing {
    /// What `shapes` draw on a page of this size.
    pub fn of(shapes: &Shapes, (width, height): (f32, f32)) -> Self {
        // A frame around the page, and its ground, are no part of a table.
        let is_ground = |area: &&Rect| area.width() * area.height() < 0.6 * width * height;
        let fills: Vec<Rect> = shapes.fills.iter().filter(is_ground).copied().collect();
        let level = rule::level(shapes.level.iter().copied());
        let shades = rule::level(
            fills.iter().flat_map(|area| [Rect { y1: area.y0, ..*area }, Rect { y0: area.y1, ..*area }]),
        );
        let upright = rule::upright(shapes.upright.iter().copied());
        Self { hints: Hints { rules: level.clone(), shades }, level, upright, fills }
    }

    /// The filled areas.
    pub fn fills(&self) -> &[Rect] {
        &self.fills
    }

    /// The grids of its rules.
    fn ruled(&self) -> Vec<Grid> {
        grids(&self.level, &self.upright, false)
    }

    /// The grids of its shaded cells, with the rules between them.
    fn shaded(&self) -> Vec<Grid> {
        if self.fills.len() < 3 {
            return Vec::new();
        }
        let sides =
            self.fills.iter().flat_map(|area| [Rect { x1: area.x0, ..*area }, Rect { x0: area.x1, ..*area }]);
        let upright = rule::upright(sides);
        let mut grids = grids(&self.hints.shades, &upright, true);
        grids.retain(|grid| self.tiles(grid));
        grids
    }

    /// Whether nearly all cells of a grid are filled: where every second row is, text says more of the others.
    fn tiles(&self, grid: &Grid) -> bool {
        let near: Vec<&Rect> =
            self.fills.iter().filter(|area| grid.bounds().holds(area, 0.0)).take(4_000).collect();
        let middle = |pair: &[f32]| pair.iter().sum::<f32>() / 2.0;
        let middles =
            grid.ys.windows(2).flat_map(|ys| grid.xs.windows(2).map(move |xs| (middle(xs), middle(ys))));
        let is_filled = |&(x, y): &(f32, f32)| {
            near.iter().any(|area| area.x0 <= x && x <= area.x1 && area.y0 <= y && y <= area.y1)
        };
        let all = grid.rows() * grid.columns();
        all <= 4_000 && middles.filter(is_filled).count() * 100 >= all * 85
    }
}

/// Takes the tables that are drawn out of `lines`.
pub fn tables(lines: &mut Vec<Line>, drawing: &Drawing, compounds: &Compounds) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
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
        let Some(draft) = of_grid(grid, inside, drawing, is_ruled) else { continue };
        remove(lines, bounds);
        found.push(draft.found(compounds, drawing.fills()));
    }
    for bounds in between_rules(lines, drawing) {
        let inside: Vec<Line> = lines.iter().filter_map(|line| part(line, bounds, true)).collect();
        if let Some(sheet) = sheet(inside, &drawing.hints).filter(super::sheet::Sheet::is_table_between_rules)
        {
            remove(lines, bounds);
            found.push(sheet.draft.found(compounds, drawing.fills()));
        }
    }
    found
}

/// The part of a line that lies in a box, or the part that does not.
fn part(line: &Line, bounds: Rect, inside: bool) -> Option<Line> {
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
        .filter(super::sheet::Sheet::is_table)
        .map(|sheet| sheet.draft)
}

/// Whether a few cells hold whole pages of text: then they are columns of a layout.
fn is_layout(draft: &Draft) -> bool {
    let lines: usize = draft.lines.iter().map(Vec::len).sum();
    draft.full() <= 4 && lines > 12 * draft.full()
}

/// The boxes between level rules of one width, where what lies between them stands in columns.
fn between_rules(lines: &[Line], drawing: &Drawing) -> Vec<Rect> {
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
            match &mut open {
                _ if !stands_in_columns(lines, band) => boxes.extend(open.take()),
                Some(bounds) => bounds.y1 = band.y1,
                None => open = Some(band),
            }
        }
        boxes.extend(open);
    }
    boxes.sort_by(|a, b| a.y0.total_cmp(&b.y0).then(a.x0.total_cmp(&b.x0)));
    boxes
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

/// Whether most rows of text in a box have gaps between columns.
fn stands_in_columns(lines: &[Line], band: Rect) -> bool {
    let inside: Vec<Line> = lines.iter().filter_map(|line| part(line, band, true)).collect();
    let pieces = inside.len();
    let rows = in_rows(inside);
    let parted = rows.iter().filter(|row| row.len() > 1).count();
    // A row or two of titles is enough; pages of text between two rules are not.
    rows.is_empty() || (parted * 10 >= rows.len() * 6 && pieces >= 2) || (rows.len() <= 3 && parted > 0)
}

#[cfg(test)]
mod tests {
    use super::super::super::line::{lines, tests::word};
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
            lines(vec![word("só", 2.0, 30.0), word("texto", 20.0, 30.0), word("aqui", 2.0, 44.0)]);
        assert!(tables(&mut lines, &Drawing::of(&shapes, (300.0, 400.0)), &Compounds::default()).is_empty());
        assert_eq!(lines.len(), 3);
    }
}
