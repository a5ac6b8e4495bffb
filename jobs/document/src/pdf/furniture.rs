//! What stands on every page, above and below its text? Running titles, and the numbers of pages.

use super::line::Line;

/// A line near the upper or lower edge of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeLine {
    /// Its distance from the edge.
    distance: f32,
    is_upper: bool,
    /// What it says, its digits alike.
    text: String,
    /// Whether the text of the page is clearly apart from it.
    is_apart: bool,
}

/// What the pages of a document share at their edges.
#[derive(Debug, Default)]
pub struct Furniture {
    /// Lines that are the same on several pages.
    repeated: Vec<EdgeLine>,
    /// Places at which most pages have a line that stands apart.
    places: Vec<(bool, f32)>,
}

/// Where a line belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the text.
    Text,
    /// Above it on every page.
    Header,
    /// Below it on every page.
    Footer,
}

/// Lines at each edge that may be the same on every page.
const MOST_EDGE_LINES: usize = 4;
/// How much of the page's height the edges have.
const EDGE: f32 = 0.16;
/// How far into a page its number may stand: on paper that is larger than what is printed.
const NUMBER_EDGE: f32 = 0.25;
/// How far a line may move from page to page.
const STILL: f32 = 3.0;
/// How far the lines of a header are from each other, in points.
const FAR: f32 = 36.0;
/// Lines of one row are no farther apart.
const ROW: f32 = 2.5;

/// The lines at both edges of a page, the outermost first; pieces of a row as one.
pub fn edge_lines(lines: &[Line], (_, height): (f32, f32)) -> Vec<EdgeLine> {
    let rows = rows(lines);
    let mut found = Vec::new();
    for is_upper in [true, false] {
        let order: Vec<&(f32, f32, String)> =
            if is_upper { rows.iter().collect() } else { rows.iter().rev().collect() };
        let mut is_apart_so_far = Vec::new();
        for pair in order.windows(2).take(MOST_EDGE_LINES) {
            let [row, inner] = pair else { continue };
            let distance = if is_upper { row.0 } else { height - row.0 };
            let is_near = distance <= EDGE * height;
            if !is_near && (distance > NUMBER_EDGE * height || !is_page_number(&row.2)) {
                break;
            }
            let is_apart = (row.0 - inner.0).abs() > 1.75 * row.1.max(inner.1);
            is_apart_so_far.push(EdgeLine { distance, is_upper, text: row.2.clone(), is_apart });
        }
        if let [only] = order.as_slice() {
            let distance = if is_upper { only.0 } else { height - only.0 };
            if distance < EDGE * height || (distance < NUMBER_EDGE * height && is_page_number(&only.2)) {
                is_apart_so_far.push(EdgeLine { distance, is_upper, text: only.2.clone(), is_apart: true });
            }
        }
        found.extend(is_apart_so_far);
    }
    found
}

/// Baseline, size and text of each row of a page.
fn rows(lines: &[Line]) -> Vec<(f32, f32, String)> {
    let mut order: Vec<&Line> = lines.iter().collect();
    order.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.bounds.x0.total_cmp(&b.bounds.x0)));
    let mut rows: Vec<(f32, f32, String)> = Vec::new();
    for line in order {
        match rows.last_mut() {
            Some(row) if line.base - row.0 < ROW => {
                row.1 = row.1.max(line.size);
                row.2.push(' ');
                row.2.push_str(&alike(&line.text()));
            }
            _ => rows.push((line.base, line.size, alike(&line.text()))),
        }
    }
    rows
}

/// A text with its digits alike, so that numbers of pages are.
fn alike(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for code in text.chars().take(200) {
        let code = if code.is_ascii_digit() { '#' } else { code };
        if !(code == '#' && out.ends_with('#')) {
            out.extend(code.to_lowercase());
        }
    }
    out
}

impl Furniture {
    /// What pages share, given the edges of some of them.
    pub fn of(pages: &[Vec<EdgeLine>]) -> Self {
        let mut furniture = Self::default();
        for (at, page) in pages.iter().enumerate() {
            for line in page {
                let others = |same: &dyn Fn(&EdgeLine) -> bool| {
                    let has = |(other, lines): (usize, &Vec<EdgeLine>)| other != at && lines.iter().any(same);
                    pages.iter().enumerate().filter(|&(other, lines)| has((other, lines))).count()
                };
                let is_here = |other: &EdgeLine| {
                    other.is_upper == line.is_upper && (other.distance - line.distance).abs() < STILL
                };
                if others(&|other| is_here(other) && other.text == line.text) >= 1 {
                    push(&mut furniture.repeated, line);
                }
                let apart = others(&|other| is_here(other) && other.is_apart);
                if line.is_apart && pages.len() >= 4 && (apart + 1) * 10 >= pages.len() * 7 {
                    furniture.places.push((line.is_upper, line.distance));
                }
            }
        }
        furniture
    }

    /// Takes the lines of `lines` that stand above and below the text of every page out: headers, then footers.
    pub fn take(&self, lines: &mut Vec<Line>, size: (f32, f32)) -> (Vec<Line>, Vec<Line>) {
        let (mut upper, mut lower) = (f32::MIN, f32::MAX);
        let edges = edge_lines(lines, size);
        for is_upper in [true, false] {
            let mut last: Option<f32> = None;
            for line in edges.iter().filter(|line| line.is_upper == is_upper) {
                // Far in from the last one, the text begins, even if all pages begin alike.
                let is_far = last.is_some_and(|last| line.distance - last > FAR);
                if self.place(line) == Place::Text || is_far {
                    break;
                }
                // The last line of a header stands apart; text that happens to be the same does not.
                if line.is_apart {
                    last = Some(line.distance);
                    if is_upper { upper = line.distance } else { lower = size.1 - line.distance }
                }
            }
        }
        let (mut headers, mut footers, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for line in lines.drain(..) {
            if line.base <= upper + ROW {
                headers.push(line);
            } else if line.base >= lower - ROW {
                footers.push(line);
            } else {
                rest.push(line);
            }
        }
        *lines = rest;
        (headers, footers)
    }

    fn place(&self, line: &EdgeLine) -> Place {
        let is_here = |is_upper: bool, distance: f32| {
            is_upper == line.is_upper && (distance - line.distance).abs() < STILL
        };
        let is_repeated = self
            .repeated
            .iter()
            .any(|known| is_here(known.is_upper, known.distance) && known.text == line.text);
        let stands_there =
            line.is_apart && self.places.iter().any(|&(is_upper, distance)| is_here(is_upper, distance));
        // The number of a page stands apart even where there is no other page.
        let is_number = line.is_apart && is_page_number(&line.text);
        match (is_repeated || stands_there || is_number, line.is_upper) {
            (false, _) => Place::Text,
            (true, true) => Place::Header,
            (true, false) => Place::Footer,
        }
    }
}

fn push(list: &mut Vec<EdgeLine>, line: &EdgeLine) {
    let is_known = |known: &EdgeLine| {
        known.is_upper == line.is_upper
            && known.text == line.text
            && (known.distance - line.distance).abs() < 0.5
    };
    if !list.iter().any(is_known) {
        list.push(line.clone());
    }
}

/// Whether a text, its digits alike, is the number of a page: `#`, `- # -`, `page # of #`, `xii`.
fn is_page_number(text: &str) -> bool {
    let words: Vec<&str> = text.split([' ', '/', '-', '–', '|']).filter(|word| !word.is_empty()).collect();
    let is_roman = |word: &str| word.len() <= 6 && word.bytes().all(|byte| b"ivxlc".contains(&byte));
    let is_part = |word: &&str| {
        let word = word.trim_end_matches(['.', ':']);
        matches!(word, "#" | "page" | "página" | "pagina" | "pág" | "pag" | "p" | "of" | "de")
            || is_roman(word)
    };
    let has_number = words.iter().any(|word| word.contains('#')) || words.len() == 1;
    !words.is_empty() && words.len() <= 5 && has_number && words.iter().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::word;
    use super::*;

    const PAGE: (f32, f32) = (600.0, 800.0);

    fn line(text: &str, base: f32) -> Line {
        Line::of(vec![word(text, 50.0, base)]).unwrap()
    }

    fn page(number: u32) -> Vec<Line> {
        vec![
            line("Manual", 30.0),
            line(["um", "dois", "três", "quatro", "cinco", "seis"][number as usize - 7], 80.0),
            line(["sol", "lua", "mar", "rio", "céu", "sal"][number as usize - 7], 92.0),
            line(&number.to_string(), 770.0),
        ]
    }

    #[test]
    fn what_is_the_same_on_several_pages_is_no_text() {
        let edges: Vec<_> = (7..11).map(|number| edge_lines(&page(number), PAGE)).collect();
        let mut lines = page(12);
        let (headers, footers) = Furniture::of(&edges).take(&mut lines, PAGE);
        let texts = |lines: &[Line]| lines.iter().map(Line::text).collect::<Vec<_>>();
        assert_eq!((texts(&headers), texts(&footers)), (vec!["Manual".to_owned()], vec!["12".to_owned()]));
        assert_eq!(texts(&lines), ["seis", "sal"]);
    }

    #[test]
    fn numbers_of_pages_are_told_from_other_numbers() {
        for text in ["#", "- # -", "page # of #", "página #", "xii", "#/#"] {
            assert!(is_page_number(text), "{text}");
        }
        for text in ["total #", "capítulo #", "", "mil"] {
            assert!(!is_page_number(text), "{text}");
        }
    }
}
