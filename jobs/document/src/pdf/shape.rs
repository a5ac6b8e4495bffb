//! What is drawn on a page besides text? Rules, filled areas and images: what tables and scans are told by.

use super::geometry::{Area, Frame};
use super::native::{ObjectKind, OpenPage, PageObject, PathPart};
use crate::model::Rect;

/// Objects of a page that are looked at.
const MOST_OBJECTS: u32 = 200_000;
/// Points of a path that is looked at: a grid may be one path, a map is none.
const MOST_POINTS: u32 = 8_000;
/// Points of all paths of a page that are looked at.
const ALL_POINTS: u32 = 120_000;
/// Rules, and filled areas, of a page that are kept.
const MOST_SHAPES: usize = 8_000;
/// How deep forms may lie in forms.
const MOST_DEPTH: u8 = 6;
/// A filled area that is no thicker is a rule.
const RULE: f32 = 3.2;

/// What is drawn on a page besides text.
#[derive(Debug, Default)]
pub struct Shapes {
    /// Level lines; their boxes may be flat.
    pub level: Vec<Rect>,
    /// Upright lines.
    pub upright: Vec<Rect>,
    /// Filled areas that are not white.
    pub fills: Vec<Rect>,
    /// Images.
    pub images: Vec<Rect>,
}

/// Reads what is drawn on `page`, which is seen by `frame`.
pub fn read(page: &OpenPage<'_>, frame: Frame) -> Shapes {
    let mut reader = Reader { frame, shapes: Shapes::default(), objects: 0, points: 0 };
    for index in 0..page.object_count().min(MOST_OBJECTS) {
        if let Some(object) = page.object(index) {
            reader.object(object, [1.0, 0.0, 0.0, 1.0, 0.0, 0.0], 0);
        }
    }
    reader.shapes
}

/// a, b, c, d, e, f of a matrix of PDF.
type Matrix = [f32; 6];

struct Reader {
    frame: Frame,
    shapes: Shapes,
    objects: u32,
    points: u32,
}

impl Reader {
    /// Reads an object in the space that `outer` leads out of.
    fn object(&mut self, object: PageObject<'_>, outer: Matrix, depth: u8) {
        self.objects += 1;
        if self.objects > MOST_OBJECTS {
            return;
        }
        match object.kind() {
            ObjectKind::Path => self.path(object, outer),
            ObjectKind::Image => {
                let bounds = self.seen(object, outer);
                if self.shapes.images.len() < MOST_SHAPES && bounds.width() > 0.0 && bounds.height() > 0.0 {
                    self.shapes.images.push(bounds);
                }
            }
            ObjectKind::Form if depth < MOST_DEPTH => {
                let inner = times(object.matrix(), outer);
                for index in 0..object.part_count().min(MOST_OBJECTS) {
                    if self.objects > MOST_OBJECTS {
                        break;
                    }
                    if let Some(part) = object.part(index) {
                        self.object(part, inner, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// The box of an object as it is seen.
    fn seen(&self, object: PageObject<'_>, outer: Matrix) -> Rect {
        let bounds = object.bounds();
        let corners = [
            (bounds.left, bounds.bottom),
            (bounds.left, bounds.top),
            (bounds.right, bounds.bottom),
            (bounds.right, bounds.top),
        ];
        let mut seen = corners.map(|(x, y)| self.point(outer, x, y)).into_iter();
        let first = seen.next().unwrap_or_default();
        let at = |(x, y): (f32, f32)| Rect { x0: x, y0: y, x1: x, y1: y };
        seen.fold(at(first), |all, next| all.around(&at(next)))
    }

    fn point(&self, matrix: Matrix, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f] = matrix;
        self.frame.point(a * x + c * y + e, b * x + d * y + f)
    }

    fn path(&mut self, object: PageObject<'_>, outer: Matrix) {
        let (is_filled, is_stroked) = object.draw_mode();
        let count = object.point_count();
        if (!is_filled && !is_stroked) || count > MOST_POINTS || self.points + count > ALL_POINTS {
            return;
        }
        self.points += count;
        let matrix = times(object.matrix(), outer);
        let is_white = is_filled && is_pale(object.fill_colour());
        let mut trail: Vec<(f32, f32)> = Vec::new();
        let mut is_straight = true;
        for index in 0..count {
            let Some(point) = object.point(index) else { break };
            let here = self.point(matrix, point.x, point.y);
            if point.part == PathPart::Move {
                self.line(&trail, is_straight, is_filled && !is_white, is_stroked);
                trail.clear();
                is_straight = true;
            }
            is_straight &= point.part != PathPart::Curve;
            trail.push(here);
            if point.closes
                && let Some(&first) = trail.first()
            {
                trail.push(first);
            }
        }
        self.line(&trail, is_straight, is_filled && !is_white, is_stroked);
    }

    /// Keeps what a line through these points draws.
    fn line(&mut self, trail: &[(f32, f32)], is_straight: bool, is_filled: bool, is_stroked: bool) {
        if is_stroked {
            for pair in trail.windows(2) {
                if let [a, b] = pair {
                    self.rule(*a, *b);
                }
            }
        }
        if is_filled && is_straight && trail.len() >= 4 && is_box(trail) {
            let at = |&(x, y): &(f32, f32)| Rect { x0: x, y0: y, x1: x, y1: y };
            let boxes: Vec<Rect> = trail.iter().map(at).collect();
            if let Some(area) = super::geometry::around(&boxes) {
                self.area(area);
            }
        } else if is_filled && !is_stroked && trail.len() == 2 {
            // A filled line has no inside, and is drawn one pixel thick all the same.
            if let [a, b] = trail {
                self.rule(*a, *b);
            }
        }
    }

    fn rule(&mut self, a: (f32, f32), b: (f32, f32)) {
        let (width, height) = ((a.0 - b.0).abs(), (a.1 - b.1).abs());
        let bounds = Rect { x0: a.0.min(b.0), y0: a.1.min(b.1), x1: a.0.max(b.0), y1: a.1.max(b.1) };
        if height < 1.0 && width > 0.5 {
            push(&mut self.shapes.level, bounds);
        } else if width < 1.0 && height > 0.5 {
            push(&mut self.shapes.upright, bounds);
        }
    }

    fn area(&mut self, area: Rect) {
        let (width, height) = (area.width(), area.height());
        if height <= RULE && width > height {
            push(&mut self.shapes.level, area);
        } else if width <= RULE && height > width {
            push(&mut self.shapes.upright, area);
        } else if width > 4.0 && height > 4.0 {
            push(&mut self.shapes.fills, area);
        }
    }
}

fn push(list: &mut Vec<Rect>, bounds: Rect) {
    let is_sane = [bounds.x0, bounds.y0, bounds.x1, bounds.y1].iter().all(|side| side.is_finite());
    if list.len() < MOST_SHAPES && is_sane {
        list.push(bounds);
    }
}

/// Whether the points are the corners of an upright box.
fn is_box(trail: &[(f32, f32)]) -> bool {
    trail.len() <= 6
        && trail.windows(2).all(|pair| match pair {
            [a, b] => (a.0 - b.0).abs() < 0.6 || (a.1 - b.1).abs() < 0.6,
            _ => true,
        })
}

/// Whether a colour cannot be told from paper.
fn is_pale([red, green, blue, alpha]: [u32; 4]) -> bool {
    alpha < 8 || (red > 252 && green > 252 && blue > 252)
}

/// First `inner`, then `outer`.
fn times(inner: Matrix, outer: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = inner;
    let [g, h, i, j, k, l] = outer;
    [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_in_a_form_is_carried_out_of_it() {
        let doubled = [2.0, 0.0, 0.0, 2.0, 0.0, 0.0];
        let moved = [1.0, 0.0, 0.0, 1.0, 5.0, 7.0];
        assert_eq!(times(doubled, moved), [2.0, 0.0, 0.0, 2.0, 5.0, 7.0]);
        assert_eq!(times(moved, doubled), [2.0, 0.0, 0.0, 2.0, 10.0, 14.0]);
    }

    #[test]
    fn only_upright_boxes_are_boxes() {
        assert!(is_box(&[(0.0, 0.0), (9.0, 0.0), (9.0, 5.0), (0.0, 5.0), (0.0, 0.0)]));
        assert!(!is_box(&[(0.0, 0.0), (9.0, 3.0), (0.0, 5.0), (0.0, 0.0)]));
    }
}
