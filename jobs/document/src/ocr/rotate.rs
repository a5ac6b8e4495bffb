//! How is a picture turned by a few degrees? By cubic interpolation, on paper that is large enough for its corners.

use super::picture::Gray;

/// Where a straightened picture came from: a turn about the centres of both papers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Turn {
    sin: f32,
    cos: f32,
    from: (f32, f32),
    to: (f32, f32),
}

impl Turn {
    /// A turn clockwise of paper with the size `from`.
    pub(super) fn new(degrees: f32, from: (usize, usize)) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (width, height) = (from.0 as f32, from.1 as f32);
        let to = (width * cos.abs() + height * sin.abs(), height * cos.abs() + width * sin.abs());
        Self { sin, cos, from: (width, height), to: (to.0.round().max(1.0), to.1.round().max(1.0)) }
    }

    /// Where a point of the straightened picture was before.
    pub(super) fn back(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (x, y) = (x - self.to.0 / 2.0, y - self.to.1 / 2.0);
        (x * self.cos + y * self.sin + self.from.0 / 2.0, y * self.cos - x * self.sin + self.from.1 / 2.0)
    }

    /// The picture, turned; the new corners are of its paper.
    pub(super) fn apply(&self, gray: &Gray) -> Gray {
        let (width, height) = (self.to.0 as usize, self.to.1 as usize);
        let mut pixels = vec![paper(gray); width * height];
        for (y, line) in pixels.chunks_exact_mut(width.max(1)).enumerate() {
            let (mut from_x, mut from_y) = self.back((0.5, y as f32 + 0.5));
            for pixel in line {
                if let Some(value) = cubic(gray, from_x - 0.5, from_y - 0.5) {
                    *pixel = value;
                }
                from_x += self.cos;
                from_y -= self.sin;
            }
        }
        Gray { width, height, pixels }
    }
}

/// The most frequent value of a picture.
fn paper(gray: &Gray) -> u8 {
    let mut counts = [0_usize; 256];
    for pixel in &gray.pixels {
        if let Some(count) = counts.get_mut(usize::from(*pixel)) {
            *count += 1;
        }
    }
    let most = counts.iter().enumerate().max_by_key(|(_, count)| **count);
    most.and_then(|(value, _)| u8::try_from(value).ok()).unwrap_or(u8::MAX)
}

/// The picture's value between its pixels; nothing outside of them.
fn cubic(gray: &Gray, x: f32, y: f32) -> Option<u8> {
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (weights(x - left), weights(y - top));
    if left < 1.0 || top < 1.0 {
        return None;
    }
    let (left, top) = (left as usize - 1, top as usize - 1);
    if left + 4 > gray.width || top + 4 > gray.height {
        return None;
    }
    let mut sum = 0.0;
    for (row, weight) in down.iter().enumerate() {
        let start = (top + row) * gray.width + left;
        let [a, b, c, d] = *gray.pixels.get(start..start + 4)?.first_chunk::<4>()?;
        sum += weight
            * (across[0] * f32::from(a)
                + across[1] * f32::from(b)
                + across[2] * f32::from(c)
                + across[3] * f32::from(d));
    }
    Some(sum.round().clamp(0.0, 255.0) as u8)
}

/// The weights of four neighbours by the spline of Catmull and Rom.
fn weights(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (-t3 + 2.0 * t2 - t),
        0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
        0.5 * (-3.0 * t3 + 4.0 * t2 + t),
        0.5 * (t3 - t2),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(width: usize, height: usize, at: (usize, usize)) -> Gray {
        let mut pixels = vec![255; width * height];
        for y in at.1 - 2..at.1 + 3 {
            for x in at.0 - 2..at.0 + 3 {
                pixels[y * width + x] = 0;
            }
        }
        Gray { width, height, pixels }
    }

    #[test]
    fn a_point_is_found_where_it_came_from() {
        let gray = dot(300, 200, (250, 40));
        let turn = Turn::new(3.0, (300, 200));
        let turned = turn.apply(&gray);
        assert!(turned.width > 300 && turned.height > 200);
        let darkest = (0..turned.pixels.len()).min_by_key(|at| turned.pixels[*at]).unwrap();
        let (x, y) = turn.back(((darkest % turned.width) as f32, (darkest / turned.width) as f32));
        assert!((x - 250.0).abs() < 4.0 && (y - 40.0).abs() < 4.0, "{x} {y}");
    }

    #[test]
    fn clockwise_is_down_on_the_right() {
        let turned = Turn::new(5.0, (300, 200)).apply(&dot(300, 200, (280, 100)));
        let darkest = (0..turned.pixels.len()).min_by_key(|at| turned.pixels[*at]).unwrap();
        assert!(darkest / turned.width > turned.height / 2 + 5);
    }

    #[test]
    fn no_turn_keeps_the_inside() {
        let gray = dot(40, 30, (20, 15));
        assert_eq!(Turn::new(0.0, (40, 30)).apply(&gray), gray);
    }
}
