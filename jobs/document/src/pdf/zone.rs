//! In which order are the parts of a page read? Down each column, and across where there are none.
//!
//! A recursive cut along gutters: a gap between neighbours is one where, from one line across it to the next, both sides
//! hold prose. Columns of a table do not, and are left together.

use super::geometry::{Area, around};
use super::line::Line;
use super::table::Rule;
use crate::model::Rect;

/// A thing that has its place in a column.
#[derive(Debug, Clone)]
pub enum Item {
    /// A line of text.
    Line(Line),
    /// Something else, by its number: a table or a figure.
    Atom(usize, Rect),
}

impl Item {
    /// Where it is.
    pub fn bounds(&self) -> Rect {
        match self {
            Self::Line(line) => line.bounds,
            Self::Atom(_, bounds) => *bounds,
        }
    }

    fn line(&self) -> Option<&Line> {
        match self {
            Self::Line(line) => Some(line),
            Self::Atom(..) => None,
        }
    }
}

/// Items of a page of which columns are looked for.
const MOST_ITEMS: usize = 6_000;
/// How often a page is cut into columns in columns.
const MOST_DEPTH: u8 = 5;
/// Gaps that are tried for each cut.
const MOST_TRIES: usize = 6;

/// The columns of a page in reading order, each with its items from top to bottom. `bars` are level rules and edges of shades:
/// what these run through is no gutter.
pub fn zones(mut items: Vec<Item>, bars: &[Rule]) -> Vec<Vec<Item>> {
    items.sort_by(|a, b| {
        a.bounds().y0.total_cmp(&b.bounds().y0).then(a.bounds().x0.total_cmp(&b.bounds().x0))
    });
    let mut zones = Vec::new();
    if items.len() > MOST_ITEMS {
        zones.push(items);
    } else {
        cut(items, 0, bars, &mut zones);
    }
    zones
}

fn cut(items: Vec<Item>, depth: u8, bars: &[Rule], zones: &mut Vec<Vec<Item>>) {
    if items.is_empty() {
        return;
    }
    if depth < MOST_DEPTH {
        for gutter in gutters(&items) {
            let bands = bands(&items, gutter, bars);
            if !bands.iter().any(|band| band.is_split) {
                continue;
            }
            let mut rest = items.into_iter();
            for band in bands {
                let part: Vec<Item> = rest.by_ref().take(band.count).collect();
                if band.is_split {
                    let runs_left =
                        part.iter().filter_map(Item::line).filter(|line| line.runs_left()).count();
                    let is_left = runs_left * 2 > part.iter().filter_map(Item::line).count();
                    let (left, right): (Vec<Item>, Vec<Item>) =
                        part.into_iter().partition(|item| item.bounds().middle() < gutter);
                    let (first, second) = if is_left { (right, left) } else { (left, right) };
                    cut(first, depth + 1, bars, zones);
                    cut(second, depth + 1, bars, zones);
                } else {
                    cut(part, depth + 1, bars, zones);
                }
            }
            return;
        }
    }
    zones.push(items);
}

/// Places of gaps between neighbours, those that most rows share first.
fn gutters(items: &[Item]) -> Vec<f32> {
    let mut gaps: Vec<(f32, f32)> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let Some(line) = item.line() else { continue };
        let mine = line.bounds;
        let mut nearest: Option<f32> = None;
        for other in items.iter().skip(at.saturating_sub(200)).take(400) {
            let bounds = other.bounds();
            let is_beside = bounds.shared_height(&mine) > 0.3 * mine.height().min(bounds.height());
            if is_beside && bounds.x0 >= mine.x1 && nearest.is_none_or(|x| bounds.x0 < x) {
                nearest = Some(bounds.x0);
            }
        }
        if let Some(x) = nearest.filter(|x| x - mine.x1 > 0.7 * line.size) {
            gaps.push((mine.x1, x));
        }
    }
    let mut found = Vec::new();
    while found.len() < MOST_TRIES && gaps.len() >= 3 {
        let Some((place, votes)) = most_shared(&gaps) else { break };
        if votes < 3 {
            break;
        }
        found.push(place);
        gaps.retain(|&(from, to)| !(from <= place && place <= to));
    }
    found
}

/// The middle of the stretch that most intervals share, and how many do.
fn most_shared(gaps: &[(f32, f32)]) -> Option<(f32, i32)> {
    let mut ends: Vec<(f32, i32)> = gaps.iter().flat_map(|&(from, to)| [(from, 1), (to, -1)]).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let (mut count, mut best) = (0, None);
    for pair in ends.windows(2) {
        let &[(from, step), (to, _)] = pair else { continue };
        count += step;
        if best.is_none_or(|(_, most)| count > most) {
            best = Some((f32::midpoint(from, to), count));
        }
    }
    best
}

/// Items that follow each other, and whether they stand on two sides of the gutter.
struct Band {
    count: usize,
    is_split: bool,
}

fn bands(items: &[Item], gutter: f32, bars: &[Rule]) -> Vec<Band> {
    let crosses = |item: &Item| item.bounds().x0 < gutter - 1.0 && item.bounds().x1 > gutter + 1.0;
    let mut bands: Vec<Band> = Vec::new();
    for part in items.chunk_by(|a, b| crosses(a) == crosses(b)) {
        let is_split = part.first().is_some_and(|item| !crosses(item))
            && are_columns(part, gutter)
            && !is_barred(part, gutter, bars);
        match bands.last_mut() {
            Some(band) if !band.is_split && !is_split => band.count += part.len(),
            _ => bands.push(Band { count: part.len(), is_split }),
        }
    }
    bands
}

/// Whether what stands left and right of a gutter is read down one side and then the other.
fn are_columns(items: &[Item], gutter: f32) -> bool {
    let (left, right): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| item.bounds().middle() < gutter);
    if left.is_empty() || right.is_empty() {
        return false;
    }
    let lines = |side: &[&Item], is_left: bool| {
        nearest(side.iter().filter_map(|item| item.line()).collect(), is_left)
            .into_iter()
            .cloned()
            .collect::<Vec<Line>>()
    };
    let (left_lines, right_lines) = (lines(&left, true), lines(&right, false));
    // A figure or a table beside prose is a column too.
    let is_column =
        |side: &[&Item], lines: &[Line]| is_prose(lines) || (lines.len() < 3 && side.len() > lines.len());
    let (is_left, is_right) = (is_column(&left, &left_lines), is_column(&right, &right_lines));
    let shared = shared_baselines(&left_lines, &right_lines);
    let goes_on = |is_prose: bool, lines: &[Line]| is_prose && is_continuous(lines);
    (is_left && is_right)
        || (shared < 0.5
            && (goes_on(is_left, &left_lines) || goes_on(is_right, &right_lines))
            && left.len().min(right.len()) >= 3)
}

/// Whether most lines follow the one above closely, as those of paragraphs do; cells of a table are apart.
fn is_continuous(lines: &[Line]) -> bool {
    let close = lines.windows(2).filter(|pair| match pair {
        [a, b] => b.base - a.base < 1.5 * a.size,
        _ => false,
    });
    close.count() * 100 >= lines.len().saturating_sub(1) * 66
}

/// Whether several rules or shades run through a gutter, between the items on its sides.
fn is_barred(items: &[Item], gutter: f32, bars: &[Rule]) -> bool {
    let Some(bounds) = around(items.iter().map(Item::bounds).collect::<Vec<Rect>>().iter()) else {
        return false;
    };
    let is_through = |bar: &&Rule| bar.from < gutter - 6.0 && bar.to > gutter + 6.0;
    bars.iter().filter(|bar| bar.at > bounds.y0 + 2.0 && bar.at < bounds.y1 - 2.0).filter(is_through).count()
        >= 2
}

/// Of the pieces on each baseline, the one next to the gutter: that on the right of the left side, or the other way round.
fn nearest(mut lines: Vec<&Line>, is_left: bool) -> Vec<&Line> {
    lines.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.bounds.x0.total_cmp(&b.bounds.x0)));
    let rows = lines.chunk_by(|a, b| b.base - a.base < 0.3 * a.size);
    rows.filter_map(|row| if is_left { row.last() } else { row.first() }).copied().collect()
}

/// Whether a good part of some lines are those of paragraphs: long, and about as wide as the widest.
pub fn is_prose(lines: &[Line]) -> bool {
    let mut widths: Vec<f32> = lines.iter().map(|line| line.bounds.width()).collect();
    widths.sort_by(f32::total_cmp);
    let wide = widths.get(widths.len() * 9 / 10).copied().unwrap_or_default();
    let is_full = |line: &&Line| line.bounds.width() > 0.75 * wide && line.length() >= 17;
    let full = lines.iter().filter(is_full).count();
    full >= 3 && full * 100 >= lines.len() * 38
}

/// The share of lines of the shorter side that stand on a baseline of the other one.
fn shared_baselines(left: &[Line], right: &[Line]) -> f32 {
    let (few, many) = if left.len() < right.len() { (left, right) } else { (right, left) };
    let mut bases: Vec<f32> = many.iter().map(|line| line.base).collect();
    bases.sort_by(f32::total_cmp);
    let is_shared = |line: &&Line| {
        let at = bases.partition_point(|base| *base < line.base - 1.0);
        bases.get(at).is_some_and(|base| *base <= line.base + 1.0)
    };
    few.iter().filter(is_shared).count() as f32 / few.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::word;
    use super::*;

    fn line(text: &str, x0: f32, base: f32) -> Item {
        Item::Line(Line::of(vec![word(text, x0, base)]).unwrap())
    }

    fn texts(zones: &[Vec<Item>]) -> Vec<Vec<String>> {
        zones.iter().map(|zone| zone.iter().filter_map(Item::line).map(Line::text).collect()).collect()
    }

    #[test]
    fn columns_of_prose_are_read_one_after_the_other() {
        let prose = "uma-linha-de-prosa-cheia";
        let mut items = vec![line("um-título-que-vai-de-uma-coluna-até-à-outra-coluna", 0.0, 0.0)];
        for row in 1..6 {
            items.push(line(&format!("{prose}-e{row}"), 0.0, row as f32 * 12.0));
            items.push(line(&format!("{prose}-d{row}"), 160.0, row as f32 * 12.0));
        }
        let zones = texts(&zones(items, &[]));
        assert_eq!(zones.iter().map(Vec::len).collect::<Vec<_>>(), [1, 5, 5]);
        assert!(zones.get(1).is_some_and(|zone| zone.iter().all(|text| text.contains("-e"))));
    }

    #[test]
    fn columns_of_a_table_stay_together() {
        let items = (0..6).flat_map(|row| {
            let base = row as f32 * 12.0;
            [line("Produto", 0.0, base), line("12,00", 100.0, base), line("24", 160.0, base)]
        });
        assert_eq!(zones(items.collect(), &[]).len(), 1);
    }
}
