//! What does a plane look like when a rectangle of it is shown in another? Catmull-Rom, row by row.
//!
//! Positions are exact to 1/16384 of a sample, so that a slow zoom moves smoothly instead of stepping
//! from pixel to pixel. The vertical pass runs over whole rows; the horizontal one reads four neighbours
//! by tables that are made once a frame.

use super::kernel::{WEIGHT_BITS, horizontal, vertical};
use super::plane::Plane;
use super::rect::Rect;

/// Four neighbours of a position: the first one's index and the weights.
#[derive(Clone, Copy)]
struct Taps {
    first: usize,
    weights: [i16; 4],
}

/// Shows `source` of a plane in `target` of a canvas plane, one row at a time.
pub struct Sampler<'a> {
    plane: &'a Plane,
    /// First column and row on the canvas, and how many.
    pub columns: std::ops::Range<usize>,
    /// Rows on the canvas.
    pub rows: std::ops::Range<usize>,
    way: Way,
    /// How much of the first and the last column is covered, out of 255.
    pub edges: (u8, u8),
    target: Rect,
}

enum Way {
    /// One sample is one pixel: rows are copied from this offset.
    Copy { dx: isize, dy: isize },
    /// The general case.
    Filter(Filter),
}

struct Filter {
    /// For each canvas column, where its four neighbours begin, counted from `first` …
    starts: Vec<u32>,
    /// … and their weights.
    weights: Vec<[i16; 4]>,
    /// First column of the plane that is read.
    first: usize,
    y_step: f64,
    y_offset: f64,
    /// The row between the two passes; as long as the columns that are read, and at least four.
    between: Vec<i16>,
}

impl<'a> Sampler<'a> {
    /// Prepares a frame's worth of sampling; nothing when `target` lies outside the canvas.
    #[must_use]
    pub fn new(plane: &'a Plane, source: Rect, target: Rect, width: usize, height: usize) -> Option<Self> {
        let columns = clip(target.x, target.w, width)?;
        let rows = clip(target.y, target.h, height)?;
        if plane.data.is_empty() || source.w <= 0.0 || source.h <= 0.0 {
            return None;
        }
        let edges =
            (coverage(columns.start, target.x, target.w), coverage(columns.end - 1, target.x, target.w));
        let way = copy_way(plane, source, target, &columns, &rows)
            .unwrap_or_else(|| filter_way(plane, source, target, &columns));
        Some(Self { plane, columns, rows, way, edges, target })
    }

    /// How much of canvas row `y` is covered, out of 255.
    #[must_use]
    pub fn row_coverage(&self, y: usize) -> u8 {
        coverage(y, self.target.y, self.target.h)
    }

    /// Whether every edge lies between two pixels, so that no pixel is covered in part.
    #[must_use]
    pub fn has_whole_edges(&self) -> bool {
        self.edges == (255, 255)
            && self.row_coverage(self.rows.start) == 255
            && self.row_coverage(self.rows.end - 1) == 255
    }

    /// Writes the samples of canvas row `y`, `columns.len()` of them.
    pub fn row(&mut self, y: usize, out: &mut [u8]) {
        match &mut self.way {
            Way::Copy { dx, dy } => {
                let row = self.plane.row(y.saturating_add_signed(*dy));
                let start = self.columns.start.saturating_add_signed(*dx);
                out.copy_from_slice(&row[start..start + out.len()]);
            }
            Way::Filter(filter) => {
                let taps = taps_at(y as f64 * filter.y_step + filter.y_offset, self.plane.height);
                let rows = taps.rows(self.plane, filter.first, filter.between.len());
                vertical(rows, taps.weights, &mut filter.between);
                horizontal(&filter.between, &filter.starts, &filter.weights, out);
            }
        }
    }
}

/// The pixels that a span touches, cut to the canvas.
fn clip(start: f64, length: f64, limit: usize) -> Option<std::ops::Range<usize>> {
    let slack = 1.0 / 512.0;
    let first = (start + slack).floor().max(0.0);
    let last = (start + length - slack).ceil().min(limit as f64);
    (last > first).then_some(first as usize..last as usize)
}

/// How much of pixel `index` lies in the span, out of 255.
fn coverage(index: usize, start: f64, length: f64) -> u8 {
    let left = (index as f64).max(start);
    let right = (index as f64 + 1.0).min(start + length);
    ((right - left).clamp(0.0, 1.0) * 255.0).round() as u8
}

fn copy_way(
    plane: &Plane,
    source: Rect,
    target: Rect,
    columns: &std::ops::Range<usize>,
    rows: &std::ops::Range<usize>,
) -> Option<Way> {
    let whole = |value: f64| (value - value.round()).abs() < 1e-6;
    let (dx, dy) = (source.x - target.x, source.y - target.y);
    let same = (source.w - target.w).abs() < 1e-6 && (source.h - target.h).abs() < 1e-6;
    if !(same && whole(dx) && whole(dy)) {
        return None;
    }
    let (dx, dy) = (dx.round() as isize, dy.round() as isize);
    let inside = |range: &std::ops::Range<usize>, shift: isize, size: usize| {
        range.start as isize + shift >= 0 && range.end as isize + shift <= size as isize
    };
    (inside(columns, dx, plane.width) && inside(rows, dy, plane.height)).then_some(Way::Copy { dx, dy })
}

fn filter_way(plane: &Plane, source: Rect, target: Rect, columns: &std::ops::Range<usize>) -> Way {
    let (x_step, y_step) = (source.w / target.w, source.h / target.h);
    // The centre of canvas pixel x is at x + ½; the centre of sample i is at i + ½.
    let x_offset = source.x + (0.5 - target.x) * x_step - 0.5;
    let y_offset = source.y + (0.5 - target.y) * y_step - 0.5;
    let taps: Vec<Taps> =
        columns.clone().map(|x| taps_at(x as f64 * x_step + x_offset, plane.width)).collect();
    let first = taps.iter().map(|tap| tap.first).min().unwrap_or(0);
    let end = taps.iter().map(|tap| tap.first + 4).max().unwrap_or(4);
    Way::Filter(Filter {
        starts: taps.iter().map(|tap| (tap.first - first) as u32).collect(),
        weights: taps.iter().map(|tap| tap.weights).collect(),
        first,
        y_step,
        y_offset,
        between: vec![0; end - first],
    })
}

/// The four neighbours of `position` among `size` samples; what lies outside repeats the edge.
///
/// Near an edge the weights of the samples that do not exist go to the edge sample, so that `first`
/// can always be read with its three followers (a plane narrower than four reads past its row's end,
/// where [`Taps::rows`] and `first` keep it inside by repeating the last).
fn taps_at(position: f64, size: usize) -> Taps {
    let position = position.clamp(-1.0, size as f64);
    let base = position.floor();
    let t = position - base;
    let (t2, t3) = (t * t, t * t * t);
    let kernel = [
        -0.5 * t + t2 - 0.5 * t3,
        1.0 - 2.5 * t2 + 1.5 * t3,
        0.5 * t + 2.0 * t2 - 1.5 * t3,
        -0.5 * t2 + 0.5 * t3,
    ];
    let wanted = base as isize - 1;
    let first = wanted.clamp(0, (size as isize - 4).max(0));
    let last = size as isize - 1;
    let mut weights = [0.0; 4];
    for (offset, weight) in kernel.iter().enumerate() {
        let index = (wanted + offset as isize).clamp(0, last) - first;
        weights[index.clamp(0, 3) as usize] += weight;
    }
    Taps { first: first as usize, weights: fixed(weights) }
}

/// Weights as integers whose sum is exactly one.
fn fixed(weights: [f64; 4]) -> [i16; 4] {
    let one = f64::from(1 << WEIGHT_BITS);
    let mut out = weights.map(|weight| (weight * one).round() as i16);
    let rest = (1 << WEIGHT_BITS) - out.iter().map(|&weight| i32::from(weight)).sum::<i32>();
    let largest = (0..4).max_by_key(|&index| out[index]).unwrap_or(1);
    out[largest] += rest as i16;
    out
}

impl Taps {
    /// The four rows of the plane, from column `first` on.
    fn rows<'p>(&self, plane: &'p Plane, first: usize, length: usize) -> [&'p [u8]; 4] {
        std::array::from_fn(|offset| {
            let row = plane.row((self.first + offset).min(plane.height - 1));
            &row[first.min(row.len())..(first + length).min(row.len())]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Plane {
        let mut plane = Plane::filled(width, height, 0);
        for y in 0..height {
            for x in 0..width {
                plane.data[y * width + x] = (x * 2) as u8;
            }
        }
        plane
    }

    fn sampled(plane: &Plane, source: Rect, target: Rect, width: usize, height: usize) -> Vec<u8> {
        let mut sampler = Sampler::new(plane, source, target, width, height).unwrap();
        let mut row = vec![0; sampler.columns.len()];
        let middle = (sampler.rows.start + sampler.rows.end) / 2;
        sampler.row(middle, &mut row);
        row
    }

    #[test]
    fn one_to_one_is_a_copy() {
        let plane = ramp(64, 8);
        let rect = Rect::sized(64.0, 8.0);
        assert_eq!(sampled(&plane, rect, rect, 64, 8), plane.row(4));
    }

    #[test]
    fn a_ramp_shifted_by_a_quarter_moves_by_a_quarter() {
        let plane = ramp(64, 8);
        let source = Rect { x: 8.25, y: 0.0, w: 32.0, h: 8.0 };
        let row = sampled(&plane, source, Rect::sized(32.0, 8.0), 32, 8);
        // Sample 8 + ¼ of a ramp of slope two is 16.5; rounding is all that is lost.
        for (x, &value) in row.iter().enumerate() {
            assert!((f64::from(value) - (16.5 + 2.0 * x as f64)).abs() <= 0.51, "{x}: {value}");
        }
    }

    #[test]
    fn a_flat_plane_stays_flat_at_every_scale_and_size() {
        for size in [1, 2, 3, 4, 5, 33] {
            let plane = Plane::filled(size, size, 201);
            for scale in [0.3, 1.0, 1.37, 4.0] {
                let source = Rect::sized(size as f64, size as f64);
                let target =
                    Rect { x: -0.4, y: 0.3, w: size as f64 * scale + 1.0, h: size as f64 * scale + 1.0 };
                assert!(
                    sampled(&plane, source, target, 50, 50).iter().all(|&value| value == 201),
                    "{size} × {scale}"
                );
            }
        }
    }

    #[test]
    fn outside_the_canvas_there_is_nothing_to_sample() {
        let plane = ramp(8, 8);
        let target = Rect { x: 100.0, y: 0.0, w: 8.0, h: 8.0 };
        assert!(Sampler::new(&plane, Rect::sized(8.0, 8.0), target, 50, 50).is_none());
    }

    #[test]
    fn edges_between_pixels_are_told() {
        let plane = ramp(8, 8);
        let target = Rect { x: 1.5, y: 2.0, w: 8.0, h: 8.0 };
        let sampler = Sampler::new(&plane, Rect::sized(8.0, 8.0), target, 50, 50).unwrap();
        assert_eq!(sampler.columns, 1..10);
        assert_eq!(sampler.edges, (128, 128));
        assert!(!sampler.has_whole_edges());
    }
}
