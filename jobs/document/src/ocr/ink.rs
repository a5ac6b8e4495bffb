//! Where is the ink on a page? Black and white, and the sizes of what is drawn with it.

use super::picture::Gray;

/// More pieces than this make no page of text, but grain or a photograph.
const MOST_PIECES: usize = 400_000;

/// Which pixels of a picture are ink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ink {
    pub width: usize,
    pub height: usize,
    /// One for each pixel.
    pub dark: Vec<bool>,
}

/// What the pieces of ink on a page look like.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Pieces {
    /// How many there are.
    pub count: usize,
    /// How many could be letters.
    pub letters: usize,
    /// The height of the one in the middle of those that could be letters; of most texts the height of an `x`.
    pub letter_height: f32,
}

impl Ink {
    /// What is darker than the threshold of Otsu's method.
    pub(super) fn of(gray: &Gray) -> Self {
        let threshold = otsu(gray);
        let dark = gray.pixels.iter().map(|pixel| *pixel < threshold).collect();
        Self { width: gray.width, height: gray.height, dark }
    }

    /// Which part of the page is ink.
    pub(super) fn share(&self) -> f32 {
        self.dark.iter().filter(|dark| **dark).count() as f32 / self.dark.len().max(1) as f32
    }

    /// How many stretches of ink a line has for each of its pixels. A page of text has under 0.05 even where letters
    /// are as small as can be read; noise and fine patterns have more than 0.2.
    pub(super) fn grain(&self) -> f32 {
        let lines = self.dark.chunks_exact(self.width.max(1));
        let begins =
            |line: &[bool]| line.iter().zip(line.iter().skip(1)).filter(|(a, b)| !**a && **b).count();
        lines.map(begins).sum::<usize>() as f32 / self.dark.len().max(1) as f32
    }

    /// Measures the pieces: pixels of ink that touch.
    pub(super) fn pieces(&self) -> Pieces {
        let mut labels = Labels::default();
        let (mut above, mut runs): (Vec<Run>, Vec<Run>) = (Vec::new(), Vec::new());
        for (y, line) in self.dark.chunks_exact(self.width.max(1)).enumerate() {
            runs.clear();
            find_runs(line, &mut runs);
            join_runs(&above, &mut runs, y, &mut labels);
            std::mem::swap(&mut above, &mut runs);
            if labels.boxes.len() > MOST_PIECES {
                break;
            }
        }
        labels.measure()
    }
}

/// The threshold that best parts a histogram in two (N. Otsu, 1979).
fn otsu(gray: &Gray) -> u8 {
    let mut histogram = [0u64; 256];
    for pixel in &gray.pixels {
        if let Some(bin) = histogram.get_mut(usize::from(*pixel)) {
            *bin += 1;
        }
    }
    let total: u64 = histogram.iter().sum();
    let sum: f64 = histogram.iter().enumerate().map(|(value, count)| value as f64 * *count as f64).sum();
    let (mut below, mut below_sum, mut best, mut threshold) = (0u64, 0.0, -1.0, 128usize);
    for (value, count) in histogram.iter().enumerate() {
        below += count;
        below_sum += value as f64 * *count as f64;
        let above = total - below;
        if below == 0 || above == 0 {
            continue;
        }
        let gap = below_sum / below as f64 - (sum - below_sum) / above as f64;
        let between = below as f64 * above as f64 * gap * gap;
        if between > best {
            (best, threshold) = (between, value + 1);
        }
    }
    u8::try_from(threshold).unwrap_or(u8::MAX)
}

/// Ink side by side in one line.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
    label: usize,
}

fn find_runs(line: &[bool], runs: &mut Vec<Run>) {
    let mut at = 0;
    while let Some(start) = line.iter().skip(at).position(|dark| *dark).map(|gap| at + gap) {
        let end = line.iter().skip(start).position(|dark| !*dark).map_or(line.len(), |length| start + length);
        runs.push(Run { start, end, label: 0 });
        at = end;
    }
}

/// Gives each run the label of the runs above that it touches, corners too.
fn join_runs(above: &[Run], runs: &mut [Run], y: usize, labels: &mut Labels) {
    let mut first = 0;
    for run in runs {
        while above.get(first).is_some_and(|other| other.end < run.start) {
            first += 1;
        }
        let mut label = None;
        for other in above.iter().skip(first).take_while(|other| other.start <= run.end) {
            label = Some(label.map_or(other.label, |label| labels.unite(label, other.label)));
        }
        run.label = label.unwrap_or_else(|| labels.start());
        labels.grow(run, y);
    }
}

/// Pieces that are found to be one are united (a forest of disjoint sets).
#[derive(Default)]
struct Labels {
    parents: Vec<usize>,
    boxes: Vec<[usize; 4]>,
}

impl Labels {
    fn start(&mut self) -> usize {
        self.parents.push(self.parents.len());
        self.boxes.push([usize::MAX, usize::MAX, 0, 0]);
        self.parents.len() - 1
    }

    fn root(&mut self, mut label: usize) -> usize {
        while let Some(parent) = self.parents.get(label).copied().filter(|parent| *parent != label) {
            let grandparent = self.parents.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.parents.get_mut(label) {
                *slot = grandparent;
            }
            label = grandparent;
        }
        label
    }

    fn unite(&mut self, a: usize, b: usize) -> usize {
        let (a, b) = (self.root(a), self.root(b));
        let (root, child) = (a.min(b), a.max(b));
        if root != child
            && let Some(slot) = self.parents.get_mut(child)
        {
            *slot = root;
        }
        root
    }

    fn grow(&mut self, run: &Run, y: usize) {
        if let Some([x0, y0, x1, y1]) = self.boxes.get_mut(run.label) {
            *x0 = run.start.min(*x0);
            *y0 = y.min(*y0);
            *x1 = run.end.max(*x1);
            *y1 = (y + 1).max(*y1);
        }
    }

    fn measure(mut self) -> Pieces {
        for label in 0..self.parents.len() {
            let root = self.root(label);
            if let (true, Some(part)) = (root != label, self.boxes.get(label).copied())
                && let Some(whole) = self.boxes.get_mut(root)
            {
                *whole = [
                    whole[0].min(part[0]),
                    whole[1].min(part[1]),
                    whole[2].max(part[2]),
                    whole[3].max(part[3]),
                ];
            }
        }
        let (mut count, mut heights) = (0, Vec::new());
        for (label, [x0, y0, x1, y1]) in self.boxes.iter().enumerate() {
            if self.parents.get(label) != Some(&label) {
                continue;
            }
            count += 1;
            let (width, height) = (x1.saturating_sub(*x0), y1.saturating_sub(*y0));
            if could_be_letter(width, height) {
                heights.push(height);
            }
        }
        heights.sort_unstable();
        let letter_height = heights.get(heights.len() / 2).map_or(0.0, |height| *height as f32);
        Pieces { count, letters: heights.len(), letter_height }
    }
}

/// Neither a speck, nor a rule, nor a picture.
fn could_be_letter(width: usize, height: usize) -> bool {
    height >= 4 && width >= 2 && height <= 150 && width <= 2 * height && height <= 5 * width
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(lines: &[&str]) -> Ink {
        let width = lines[0].len();
        Ink {
            width,
            height: lines.len(),
            dark: lines.iter().flat_map(|l| l.bytes().map(|b| b == b'#')).collect(),
        }
    }

    #[test]
    fn arms_that_meet_below_are_one_piece() {
        let pieces = drawing(&["#...#", "#...#", "#...#", "#####"]).pieces();
        assert_eq!((pieces.count, pieces.letters), (1, 1));
        assert!((pieces.letter_height - 4.0).abs() < 0.1);
    }

    #[test]
    fn corners_touch_and_gaps_part() {
        assert_eq!(drawing(&["#..", ".#.", "..#"]).pieces().count, 1);
        assert_eq!(drawing(&["#.#", "#.#"]).pieces().count, 2);
    }

    #[test]
    fn noise_is_grain_and_text_is_not() {
        assert!(drawing(&["#.#.#.#.", ".#.#.#.#"]).grain() > 0.4);
        assert!(drawing(&["..####......####....", "..#.............#..."]).grain() < 0.15);
    }

    #[test]
    fn the_threshold_lies_between_paper_and_ink() {
        let gray = Gray { width: 4, height: 1, pixels: vec![20, 30, 200, 210] };
        assert_eq!(Ink::of(&gray).dark, [true, true, false, false]);
    }

    #[test]
    fn an_even_picture_has_no_pieces_or_one() {
        let gray = Gray { width: 3, height: 3, pixels: vec![255; 9] };
        assert!(Ink::of(&gray).pieces().count <= 1);
    }
}
