//! How is a picture held in memory? As one luma plane, two chroma planes and, where needed, alpha.

/// A rectangle of samples, row after row without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plane {
    /// Samples in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` samples.
    pub data: Vec<u8>,
}

impl Plane {
    /// A plane of one value.
    #[must_use]
    pub fn filled(width: usize, height: usize, value: u8) -> Self {
        Self { width, height, data: vec![value; width * height] }
    }

    /// The samples of row `y`.
    #[must_use]
    pub fn row(&self, y: usize) -> &[u8] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// The samples of row `y`, to be written.
    pub fn row_mut(&mut self, y: usize) -> &mut [u8] {
        &mut self.data[y * self.width..(y + 1) * self.width]
    }
}

/// A picture with optional transparency; the colour planes are premultiplied by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yuva {
    /// Luma, at full size.
    pub y: Plane,
    /// Blue difference, half as wide and high (rounded up).
    pub u: Plane,
    /// Red difference, half as wide and high (rounded up).
    pub v: Plane,
    /// Alpha at the size of luma and at the size of chroma; none means opaque.
    pub alpha: Option<(Plane, Plane)>,
}

impl Yuva {
    /// A black, opaque picture.
    #[must_use]
    pub fn black(width: usize, height: usize) -> Self {
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        Self {
            y: Plane::filled(width, height, 16),
            u: Plane::filled(half_width, half_height, 128),
            v: Plane::filled(half_width, half_height, 128),
            alpha: None,
        }
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.y.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.y.height
    }

    /// A much smaller, soft version of the picture, for the background of `blur_pad`.
    ///
    /// Averaging down to a few dozen samples and enlarging them with a smooth kernel is a blur whose
    /// cost does not grow with its radius.
    #[must_use]
    pub fn thumbnail(&self, longest: usize) -> Self {
        let scale = longest as f64 / self.width().max(self.height()).max(1) as f64;
        let size = |full: usize| ((full as f64 * scale).round() as usize).max(2).min(full.max(2));
        let (width, height) = (size(self.width()), size(self.height()));
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        Self {
            y: soften(&averaged(&self.y, width, height)),
            u: soften(&averaged(&self.u, half_width, half_height)),
            v: soften(&averaged(&self.v, half_width, half_height)),
            alpha: None,
        }
    }
}

/// The plane shrunk by averaging the samples under each target sample.
fn averaged(plane: &Plane, width: usize, height: usize) -> Plane {
    let mut out = Plane::filled(width, height, 0);
    for y in 0..height {
        let rows = span(y, height, plane.height);
        for x in 0..width {
            let columns = span(x, width, plane.width);
            let count = (rows.len() * columns.len()).max(1) as u64;
            let sum: u64 = rows
                .clone()
                .map(|row| {
                    plane.row(row)[columns.clone()].iter().map(|&sample| u64::from(sample)).sum::<u64>()
                })
                .sum();
            out.data[y * width + x] = ((sum + count / 2) / count) as u8;
        }
    }
    out
}

/// Which of `from` samples lie under sample `index` of `to`: at least one.
fn span(index: usize, to: usize, from: usize) -> std::ops::Range<usize> {
    let start = (index * from / to).min(from.saturating_sub(1));
    let end = ((index + 1) * from / to).clamp(start + 1, from.max(start + 1));
    start..end
}

/// A 3 × 3 mean, which takes the last corners off the averaged samples.
fn soften(plane: &Plane) -> Plane {
    let mut out = plane.clone();
    for y in 0..plane.height {
        for x in 0..plane.width {
            let (mut sum, mut count) = (0_u32, 0_u32);
            for row in y.saturating_sub(1)..(y + 2).min(plane.height) {
                for column in x.saturating_sub(1)..(x + 2).min(plane.width) {
                    sum += u32::from(plane.data[row * plane.width + column]);
                    count += 1;
                }
            }
            out.data[y * plane.width + x] = ((sum + count / 2) / count) as u8;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_keeps_the_mean_of_a_flat_picture() {
        let mut picture = Yuva::black(641, 361);
        picture.y.data.fill(77);
        let small = picture.thumbnail(24);
        assert_eq!((small.width(), small.height()), (24, 14));
        assert!(small.y.data.iter().all(|&sample| sample == 77));
    }

    #[test]
    fn chroma_of_an_odd_picture_is_rounded_up() {
        assert_eq!(Yuva::black(5, 3).u.data.len(), 6);
    }
}
