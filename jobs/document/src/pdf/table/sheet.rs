//! Is a part of a page a table, by how its text stands? Its columns, its rows, and whether they look like those of a table.

use super::super::geometry::{Area, median};
use super::super::line::Line;
use super::columns::{Edges, boundaries, column_of, parted};
use super::draft::{Draft, lines_box};
use super::grid::{Grid, Slot};
use super::look::{Look, look};
use super::rows::{Strip, StripCell, grouped};
use super::rule::Rule;
use crate::model::Rect;

/// What is drawn near a table that has no grid.
#[derive(Debug, Default)]
pub struct Hints {
    /// Level rules.
    pub rules: Vec<Rule>,
    /// The upper and lower edges of shaded areas.
    pub shades: Vec<Rule>,
}

/// A part of a page set out in rows and columns.
#[derive(Debug)]
pub struct Sheet {
    /// What stands where.
    pub draft: Draft,
    look: Look,
}

/// Lines of a table that is looked for in text.
const MOST_LINES: usize = 3_000;

/// Sets lines out in rows and columns; none where they have one column.
pub fn sheet(lines: Vec<Line>, hints: &Hints) -> Option<Sheet> {
    let bounds = lines_box(&lines)?;
    if lines.len() > MOST_LINES {
        return None;
    }
    let size = median(&mut lines.iter().map(|line| line.size).collect::<Vec<f32>>());
    let rows = in_rows(lines);
    let extents = extents(&rows);
    let columns = boundaries(&extents, size);
    if columns.is_empty() {
        return None;
    }
    let edges = Edges::of(&extents);
    let strips: Vec<Strip> = rows.into_iter().filter_map(|row| strip(row, &columns, &edges)).collect();
    let across = |rules: &[Rule]| crossing(rules, bounds, size);
    let (rules, shades) = (across(&hints.rules), across(&hints.shades));
    let mut separators = rules.clone();
    separators.extend(&shades);
    separators.sort_by(f32::total_cmp);
    let groups = grouped(&strips, &separators, &widths(&strips, columns.len() + 1));
    let bold = bold_rows(&strips, &groups);
    let draft = draft(strips, &groups, &columns, bounds);
    let look = look(&draft, rules.len(), shades.len(), bold);
    Some(Sheet { draft, look })
}

impl Sheet {
    /// Whether it is a table, where nothing else says so.
    pub fn is_table(&self) -> bool {
        self.look.is_table()
    }

    /// Whether it is a table, given that rules lie over and under it.
    pub fn is_table_between_rules(&self) -> bool {
        self.look.is_table_between_rules()
    }
}

/// Lines by their baselines, from top to bottom, each from left to right.
pub fn in_rows(mut lines: Vec<Line>) -> Vec<Vec<Line>> {
    lines.sort_by(|a, b| a.base.total_cmp(&b.base));
    let mut rows: Vec<Vec<Line>> = Vec::new();
    for line in lines {
        match rows.last_mut() {
            Some(row)
                if row
                    .first()
                    .is_some_and(|first| line.base - first.base <= 0.3 * line.size.min(first.size)) =>
            {
                row.push(line);
            }
            _ => rows.push(vec![line]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.bounds.x0.total_cmp(&b.bounds.x0));
    }
    rows
}

/// The left and right edges of the pieces of each row.
pub fn extents(rows: &[Vec<Line>]) -> Vec<Vec<(f32, f32)>> {
    rows.iter().map(|row| row.iter().map(|line| (line.bounds.x0, line.bounds.x1)).collect()).collect()
}

/// The heights of the rules that lie across most of a box, or just over or under it.
fn crossing(rules: &[Rule], bounds: Rect, size: f32) -> Vec<f32> {
    let is_across = |rule: &&Rule| {
        let shared = rule.to.min(bounds.x1) - rule.from.max(bounds.x0);
        rule.at > bounds.y0 - 1.2 * size && rule.at < bounds.y1 + 1.2 * size && shared > 0.6 * bounds.width()
    };
    let places = rules.iter().filter(is_across).map(|rule| rule.at);
    super::rule::places(places, 3.6)
}

/// A row of lines in columns.
fn strip(row: Vec<Line>, columns: &[f32], edges: &Edges) -> Option<Strip> {
    let base = row.first()?.base;
    let size = row.iter().map(|line| line.size).fold(0.0, f32::max);
    let mut cells: Vec<StripCell> = Vec::new();
    for line in parted(row, columns, edges) {
        let slack = 0.25 * line.size;
        let first = column_of(columns, (line.bounds.x0 + slack).min(line.bounds.middle()));
        let last = column_of(columns, (line.bounds.x1 - slack).max(line.bounds.middle()));
        match cells.last_mut() {
            Some(cell) if cell.last >= first => {
                cell.last = cell.last.max(last);
                let words = cell.line.words.iter().cloned().chain(line.words).collect();
                cell.line = Line::of(words)?;
            }
            _ => cells.push(StripCell { first, last, line }),
        }
    }
    Some(Strip { cells, base, size })
}

/// The room of each column: what its widest text takes.
fn widths(strips: &[Strip], columns: usize) -> Vec<f32> {
    let mut widths = vec![0.0_f32; columns];
    for cell in strips.iter().flat_map(|strip| &strip.cells).filter(|cell| cell.first == cell.last) {
        if let Some(width) = widths.get_mut(cell.first) {
            *width = width.max(cell.line.bounds.width());
        }
    }
    widths
}

/// Whether the first row is bold, and most of the others are not.
fn bold_rows(strips: &[Strip], groups: &[usize]) -> bool {
    let is_bold = |strip: &Strip| strip.cells.iter().all(|cell| cell.line.is_all(|word| word.style.bold));
    let first = groups.first().copied().unwrap_or(1);
    let head = strips.iter().take(first).all(is_bold);
    let rest = strips.iter().skip(first);
    let bold = rest.clone().filter(|strip| is_bold(strip)).count();
    head && bold * 2 < rest.count()
}

/// The draft of strips that are grouped into rows.
fn draft(strips: Vec<Strip>, groups: &[usize], boundaries: &[f32], bounds: Rect) -> Draft {
    let columns = boundaries.len() + 1;
    let mut xs = vec![bounds.x0];
    xs.extend(boundaries);
    xs.push(bounds.x1);
    let mut ys = vec![bounds.y0];
    let (mut slots, mut lines) = (Vec::new(), Vec::new());
    let mut strips = strips.into_iter();
    for (row, &count) in groups.iter().enumerate() {
        let group: Vec<Strip> = strips.by_ref().take(count).collect();
        let bottom = group
            .iter()
            .flat_map(|strip| &strip.cells)
            .map(|cell| cell.line.bounds.y1)
            .fold(f32::MIN, f32::max);
        ys.push(bottom.max(ys.last().copied().unwrap_or(bottom)));
        for (first, last) in stretches(&group, columns) {
            let inside = |cell: &&StripCell| cell.first >= first && cell.last <= last;
            slots.push(Slot { row, column: first, rows: 1, columns: last - first + 1 });
            lines.push(
                group
                    .iter()
                    .flat_map(|strip| strip.cells.iter().filter(inside).map(|cell| cell.line.clone()))
                    .collect(),
            );
        }
    }
    Draft { grid: Grid { xs, ys, slots }, lines }
}

/// The cells of a row: columns that one text covers are one cell.
fn stretches(group: &[Strip], columns: usize) -> Vec<(usize, usize)> {
    let mut joined = vec![false; columns];
    for cell in group.iter().flat_map(|strip| &strip.cells) {
        for column in cell.first..cell.last {
            if let Some(joint) = joined.get_mut(column) {
                *joint = true;
            }
        }
    }
    let mut stretches = Vec::new();
    let mut first = 0;
    for column in 0..columns {
        if joined.get(column) != Some(&true) {
            stretches.push((first, column));
            first = column + 1;
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::super::super::line::tests::word;
    use super::*;

    fn lines(rows: &[&[(f32, &str)]]) -> Vec<Line> {
        let placed = rows.iter().enumerate().flat_map(|(row, cells)| {
            cells.iter().map(move |&(x, text)| Line::of(vec![word(text, x, row as f32 * 14.0)]).unwrap())
        });
        placed.collect()
    }

    #[test]
    fn columns_of_numbers_are_a_table() {
        let rows: &[&[(f32, &str)]] = &[
            &[(0.0, "Produto"), (100.0, "Quantidade"), (200.0, "Total")],
            &[(0.0, "Café"), (130.0, "12"), (205.0, "1,50")],
            &[(0.0, "Açúcar"), (130.0, "7"), (205.0, "3,20")],
            &[(0.0, "Leite"), (130.0, "30"), (205.0, "9,99")],
        ];
        let sheet = sheet(lines(rows), &Hints::default()).unwrap();
        assert!(sheet.is_table());
        assert_eq!((sheet.draft.grid.rows(), sheet.draft.grid.columns()), (4, 3));
    }

    #[test]
    fn labels_with_their_values_are_no_table() {
        let rows: &[&[(f32, &str)]] = &[
            &[(0.0, "Nome:"), (100.0, "Ana")],
            &[(0.0, "Cidade:"), (100.0, "Braga")],
            &[(0.0, "Data:"), (100.0, "2024")],
        ];
        assert!(!sheet(lines(rows), &Hints::default()).unwrap().is_table());
    }

    #[test]
    fn text_in_one_column_is_no_sheet() {
        assert!(sheet(lines(&[&[(0.0, "um")], &[(0.0, "dois")]]), &Hints::default()).is_none());
    }
}
