//! Where do the columns of a table part that has no upright rules? In the gaps that run down through its rows.
//!
//! The whitespace between text edges of Nurminen's thesis (2013, chapter 4), found by a sweep over the rows' extents.

use super::super::line::Line;

/// A piece of text in a row, from its left to its right edge.
pub type Extent = (f32, f32);

/// The boundaries between the columns of these rows, from left to right: none where there is one column only.
///
/// A gap may be crossed by a few rows: titles of several columns do that. `size` is that of the text.
pub fn boundaries(rows: &[Vec<Extent>], size: f32) -> Vec<f32> {
    let crossings = match rows.len() {
        0..4 => 0,
        4..9 => 1,
        many => 1 + many / 12,
    };
    let steps = steps(rows);
    let mut found = Vec::new();
    let mut gap: Vec<(f32, f32, usize)> = Vec::new();
    let mut had_text = false;
    for pair in steps.windows(2) {
        let &[(from, count), (to, _)] = pair else { continue };
        if count <= crossings {
            if had_text {
                gap.push((from, to, count));
            }
        } else {
            found.extend(boundary(&gap, size));
            gap.clear();
            had_text = true;
        }
    }
    found
}

/// At each place where a text starts or ends, how many rows have text from there to the next one.
fn steps(rows: &[Vec<Extent>]) -> Vec<(f32, usize)> {
    let mut ends: Vec<(f32, i32)> =
        rows.iter().flatten().flat_map(|&(from, to)| [(from, 1), (to, -1)]).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut steps: Vec<(f32, usize)> = Vec::with_capacity(ends.len());
    let mut count = 0_i32;
    for (at, step) in ends {
        count += step;
        let open = usize::try_from(count).unwrap_or(0);
        match steps.last_mut() {
            Some((last, of_last)) if *last >= at => *of_last = open,
            _ => steps.push((at, open)),
        }
    }
    steps
}

/// The middle of the widest stretch of a gap that the fewest rows cross; none where it is no wider than a space.
fn boundary(gap: &[(f32, f32, usize)], size: f32) -> Option<f32> {
    let fewest = gap.iter().map(|(.., count)| *count).min()?;
    let mut widest: Option<(f32, f32)> = None;
    for stretch in gap.chunk_by(|a, b| (a.2 == fewest) == (b.2 == fewest)) {
        let (first, last) = (stretch.first()?, stretch.last()?);
        let is_wider = widest.is_none_or(|(from, to)| last.1 - first.0 > to - from);
        if first.2 == fewest && is_wider {
            widest = Some((first.0, last.1));
        }
    }
    let (from, to) = widest?;
    (to - from > 0.3 * size.min(12.0)).then_some(f32::midpoint(from, to))
}

/// The column, from 0 on, in which a place lies.
pub fn column_of(boundaries: &[f32], place: f32) -> usize {
    boundaries.partition_point(|boundary| *boundary <= place)
}

/// Parts lines at the boundaries of columns where a gap between words lies on one that is wider than a space,
/// or where a word starts or ends where the words of the column do (`edges`: left and right edges that are usual).
pub fn parted(lines: Vec<Line>, boundaries: &[f32], edges: &Edges) -> Vec<Line> {
    let mut parts = Vec::with_capacity(lines.len());
    for line in lines {
        let crossed = boundaries.iter().any(|&b| b > line.bounds.x0 && b < line.bounds.x1);
        if !crossed {
            parts.push(line);
            continue;
        }
        let size = line.size;
        let mut piece = Vec::new();
        for word in line.words {
            let is_end = piece.last().is_some_and(|last: &super::super::word::Word| {
                let gap = word.bounds.x0 - last.bounds.x1;
                let crosses =
                    boundaries.iter().any(|&b| b >= last.bounds.x1 - 0.5 && b <= word.bounds.x0 + 0.5)
                        || column_of(boundaries, last.bounds.x1) != column_of(boundaries, word.bounds.x0);
                crosses
                    && (gap > 0.5 * size || (gap > 0.12 * size && edges.have(last.bounds.x1, word.bounds.x0)))
            });
            if is_end {
                parts.extend(Line::of(std::mem::take(&mut piece)));
            }
            piece.push(word);
        }
        parts.extend(Line::of(piece));
    }
    parts
}

/// Where the texts of a table start and end again and again.
#[derive(Debug, Default)]
pub struct Edges {
    left: Vec<f32>,
    right: Vec<f32>,
}

/// How far an edge may be from the others of its column.
const ALIGNED: f32 = 1.5;

impl Edges {
    /// The edges that at least three extents share.
    pub fn of(rows: &[Vec<Extent>]) -> Self {
        let usual = |mut all: Vec<f32>| {
            all.sort_by(f32::total_cmp);
            let groups = all.chunk_by(|a, b| b - a <= ALIGNED);
            groups
                .filter(|group| group.len() >= 3)
                .filter_map(|group| group.get(group.len() / 2).copied())
                .collect()
        };
        let all = || rows.iter().flatten();
        Self {
            left: usual(all().map(|extent| extent.0).collect()),
            right: usual(all().map(|extent| extent.1).collect()),
        }
    }

    fn have(&self, end: f32, start: f32) -> bool {
        let near = |list: &[f32], place: f32| {
            let at = list.partition_point(|edge| *edge < place - ALIGNED);
            list.get(at).is_some_and(|edge| *edge <= place + ALIGNED)
        };
        near(&self.left, start) || near(&self.right, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_that_run_through_all_rows_part_columns() {
        let rows = vec![
            vec![(0.0, 30.0), (60.0, 80.0)],
            vec![(0.0, 45.0), (70.0, 80.0)],
            vec![(0.0, 20.0), (65.0, 80.0)],
        ];
        assert_eq!(boundaries(&rows, 10.0), [52.5]);
    }

    #[test]
    fn a_title_over_two_columns_does_not_join_them() {
        let mut rows = vec![vec![(0.0, 20.0), (40.0, 60.0), (80.0, 100.0)]; 4];
        rows.insert(0, vec![(0.0, 20.0), (45.0, 95.0)]);
        assert_eq!(boundaries(&rows, 10.0), [30.0, 70.0]);
    }

    #[test]
    fn a_name_over_a_column_of_numbers_belongs_to_it() {
        let mut rows = vec![vec![(0.0, 20.0), (70.0, 80.0)]; 5];
        rows.insert(0, vec![(0.0, 20.0), (55.0, 80.0)]);
        assert_eq!(boundaries(&rows, 10.0), [37.5]);
    }

    #[test]
    fn prose_has_one_column() {
        let rows = vec![vec![(0.0, 80.0)], vec![(0.0, 75.0)], vec![(0.0, 40.0)]];
        assert_eq!(boundaries(&rows, 10.0), Vec::<f32>::new());
    }
}
