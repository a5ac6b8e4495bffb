//! Where does a paragraph end? At a wider gap, another size, an indent, a marker, or a line that had room for more.

use super::geometry::{Area, median};
use super::line::Line;
use super::list::{Marker, is_section_number, marker};

/// What the lines of a column have in common.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The usual distance of its baselines, as a share of their size.
    pub leading: f32,
    /// From the start of its first to the end of its longest line.
    pub width: f32,
}

impl Column {
    /// Of these lines, from top to bottom.
    pub fn of(lines: &[Line]) -> Self {
        let mut pitches: Vec<f32> = lines
            .windows(2)
            .filter_map(|pair| match pair {
                [a, b] if is_alike(a.size, b.size) => Some((b.base - a.base) / a.size.max(1.0)),
                _ => None,
            })
            .filter(|pitch| *pitch > 0.8 && *pitch < 2.2)
            .collect();
        let (starts, ends): (Vec<f32>, Vec<f32>) = lines.iter().map(sides).unzip();
        let width = ends.into_iter().fold(f32::MIN, f32::max) - starts.into_iter().fold(f32::MAX, f32::min);
        Self { leading: if pitches.is_empty() { 1.3 } else { median(&mut pitches) }, width }
    }
}

/// Whether two sizes are those of one text.
pub fn is_alike(a: f32, b: f32) -> bool {
    (a - b).abs() < 0.08 * a.max(b)
}

/// Where a line starts and ends, as it is read: mirrored where it runs to the left.
fn sides(line: &Line) -> (f32, f32) {
    if line.runs_left() { (-line.bounds.x1, -line.bounds.x0) } else { (line.bounds.x0, line.bounds.x1) }
}

/// The marker at the start of a line.
pub fn marker_of(line: &Line) -> Option<Marker> {
    let first = line.first()?;
    // A dash in the middle of a sentence is none, and what follows a marker stands apart from it.
    (line.words.len() > 1).then(|| marker(&first.text)).flatten()
}

/// Groups lines into those that hang together: of about one size, no farther apart than the column's lines are.
pub fn stretches(lines: &[Line], column: Column) -> Vec<&[Line]> {
    lines.chunk_by(|a, b| !is_parted(a, b, column)).collect()
}

fn is_parted(a: &Line, b: &Line, column: Column) -> bool {
    let pitch = b.base - a.base;
    let usual = column.leading.clamp(0.9, 1.9);
    !is_alike(a.size, b.size) || pitch > (usual + 0.22).max(1.22 * usual) * a.size || pitch < -0.5 * a.size
}

/// Groups the lines of a stretch of a column into paragraphs.
pub fn paragraphs(lines: &[Line], column: Column) -> Vec<&[Line]> {
    let right = lines.iter().map(|line| sides(line).1).fold(f32::MIN, f32::max);
    let left_most = lines.iter().map(|line| sides(line).0).fold(f32::MAX, f32::min);
    // Lines that are all far from the column's end were ended on purpose: an address, a verse.
    let all_short = right - left_most < 0.6 * column.width;
    let centred = is_centred(lines);
    let mut left = None;
    let mut cuts = Vec::new();
    for (at, pair) in lines.windows(2).enumerate() {
        let [above, below] = pair else { continue };
        let is_first = cuts.last().map_or(0, |cut| cut + 1) == at;
        let start = lines.get(cuts.last().map_or(0, |cut| cut + 1)).map_or(0.0, |first| sides(first).0);
        let at_end =
            Ends { right, start, left: left.unwrap_or_else(|| sides(above).0), is_first, centred, all_short };
        if ends(above, below, at_end) {
            cuts.push(at);
            left = None;
        } else {
            // Where its second line starts is where a paragraph stands.
            left = Some(left.map_or(sides(below).0, |left: f32| left.min(sides(below).0)));
        }
    }
    let mut rest = lines;
    let mut parts = Vec::with_capacity(cuts.len() + 1);
    let mut done = 0;
    for cut in cuts {
        let (part, later) = rest.split_at((cut + 1 - done).min(rest.len()));
        parts.push(part);
        rest = later;
        done = cut + 1;
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts
}

/// What is known where it is asked whether a paragraph ends.
#[derive(Debug, Clone, Copy)]
struct Ends {
    /// Where lines end at most.
    right: f32,
    /// Where the paragraph's first line starts.
    start: f32,
    /// Where its further lines start.
    left: f32,
    /// Whether the line above is its first one.
    is_first: bool,
    /// Whether all lines have one middle.
    centred: bool,
    /// Whether all lines are short.
    all_short: bool,
}

fn ends(above: &Line, below: &Line, at: Ends) -> bool {
    let (start, _) = sides(below);
    let (start_above, end_above) = sides(above);
    let size = above.size;
    if below.base - above.base < 0.5 * size {
        return false;
    }
    // An entry of a table of contents ends with the number of its page.
    let is_entry = |line: &Line| line.first().is_some_and(|word| is_section_number(&word.text));
    if above.is_leader() || (below.is_leader() && is_entry(below)) {
        return true;
    }
    if marker_of(below).is_some_and(|marker| starts_item(marker, above, below)) {
        return true;
    }
    let is_bold = |line: &Line| line.is_all(|word| word.style.bold);
    if is_bold(above) != is_bold(below) && at.is_first && end_above < at.right - 2.0 * size {
        return true;
    }
    // Under a first line that hangs out, the next one that does is another paragraph.
    if !at.centred && !at.is_first && at.left > at.start + 0.8 * size && start < at.left - 0.6 * size {
        return true;
    }
    // The first line of a paragraph is indented against the lines before it.
    let is_indented = start > at.left + 0.8 * size && start < at.left + 6.0 * size;
    if !at.centred && is_indented && !at.is_first {
        return true;
    }
    if !at.centred
        && at.is_first
        && is_indented
        && start > start_above + 0.8 * size
        && marker_of(above).is_none()
    {
        // A hanging indent goes on with its paragraph, if that filled its line.
        return end_above < at.right - 3.0 * size;
    }
    let goes_on = below.first().is_some_and(|word| word.text.starts_with(char::is_lowercase));
    if at.all_short && !at.centred && !goes_on && !above.text().ends_with(['-', ',']) {
        return true;
    }
    // The next word would have fitted: the line was ended on purpose.
    let word = below.first_width();
    !at.centred && end_above + 0.35 * size + word < at.right - 0.9 * size
}

/// Whether a marker starts an item, given the line above: `12. ` may be the end of a sentence with a number.
fn starts_item(marker: Marker, above: &Line, below: &Line) -> bool {
    let is_level = sides(below).0 <= sides(above).0 + 0.5 * below.size || marker_of(above).is_some();
    match marker {
        Marker::Bullet => below
            .first()
            .is_none_or(|word| !matches!(word.text.as_str(), "-" | "–" | "—" | "*" | "o") || is_level),
        Marker::Number(_) | Marker::Letter => is_level,
    }
}

/// Whether lines have one middle, and neither side in common.
fn is_centred(lines: &[Line]) -> bool {
    let spread = |place: &dyn Fn(&Line) -> f32| {
        let places = lines.iter().map(place);
        places.clone().fold(f32::MIN, f32::max) - places.fold(f32::MAX, f32::min)
    };
    let size = lines.first().map_or(10.0, |line| line.size);
    lines.len() > 1
        && spread(&|line| line.bounds.middle()) < 0.4 * size
        && spread(&|line| line.bounds.x0) > size
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::word;
    use super::*;

    fn line(text: &str, x0: f32, base: f32) -> Line {
        let mut x = x0;
        let words = text.split(' ').map(|text| {
            let placed = word(text, x, base);
            x = placed.bounds.x1 + 3.0;
            placed
        });
        Line::of(words.collect()).unwrap()
    }

    fn counts(lines: &[Line]) -> Vec<usize> {
        paragraphs(lines, Column::of(lines)).iter().map(|part| part.len()).collect()
    }

    #[test]
    fn an_indent_starts_a_paragraph() {
        let lines = [
            line("uma linha que é cheia", 0.0, 0.0),
            line("outra linha tão cheia", 0.0, 12.0),
            line("aqui começa mais uma", 12.0, 24.0),
            line("que vai até aqui fora", 0.0, 36.0),
        ];
        assert_eq!(counts(&lines), [2, 2]);
    }

    #[test]
    fn a_line_with_room_for_more_ends_a_paragraph() {
        let lines = [
            line("uma linha que é bem cheia", 0.0, 0.0),
            line("curta", 0.0, 12.0),
            line("Outro parágrafo começa aí", 0.0, 24.0),
        ];
        assert_eq!(counts(&lines), [2, 1]);
    }

    #[test]
    fn items_are_paragraphs_of_their_own() {
        let lines = [
            line("• um item que é cheio", 0.0, 0.0),
            line("e que ainda vai longe", 10.0, 12.0),
            line("• outro item já cheio", 0.0, 24.0),
        ];
        assert_eq!(counts(&lines), [2, 1]);
    }

    #[test]
    fn entries_with_a_hanging_indent_are_paragraphs_of_their_own() {
        let lines = [
            line("Silva, A. O livro de que", 0.0, 0.0),
            line("se fala, em três partes", 12.0, 12.0),
            line("Souza, B. O outro livro ali", 0.0, 24.0),
        ];
        assert_eq!(counts(&lines), [2, 1]);
    }

    #[test]
    fn entries_of_a_table_of_contents_are_paragraphs_of_their_own() {
        let lines = [
            line("1 Sobre a rede de todos nós 1", 0.0, 0.0),
            line("1.1 Rede . . . . . . . . . 2", 0.0, 12.0),
            line("1.2 Um nome que é comprido", 0.0, 24.0),
            line("e vai até aqui . . . . . . 3", 0.0, 36.0),
        ];
        assert_eq!(counts(&lines), [1, 1, 2]);
    }

    #[test]
    fn a_wide_gap_parts_stretches() {
        let lines = [line("um", 0.0, 0.0), line("dois", 0.0, 12.0), line("três", 0.0, 36.0)];
        assert_eq!(stretches(&lines, Column { leading: 1.2, width: 50.0 }).len(), 2);
    }
}
