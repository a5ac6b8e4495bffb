//! What do outlines, shadows and boxes look like? Masks, grown, blurred and rounded.

/// Coverage of a block of words: one byte a pixel.
#[derive(Debug, Clone)]
pub struct Mask {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Coverage, row after row.
    pub data: Vec<u8>,
}

impl Mask {
    /// An empty mask.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, height, data: vec![0; width * height] }
    }

    /// Grown by `radius` pixels in every direction, with a smooth edge.
    #[must_use]
    pub fn grown(&self, radius: f64) -> Self {
        let reach = radius.ceil() as isize + 1;
        // Offsets within the radius; those on its rim count in part.
        let offsets: Vec<(isize, isize, u16)> = (-reach..=reach)
            .flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)))
            .filter_map(|(dx, dy)| {
                let share = (radius + 0.5 - (dx as f64).hypot(dy as f64)).clamp(0.0, 1.0);
                (share > 0.0).then_some((dx, dy, (share * 256.0) as u16))
            })
            .collect();
        let mut out = self.clone();
        for y in 0..self.height {
            for x in 0..self.width {
                let value = u16::from(self.data[y * self.width + x]);
                if value == 0 || self.is_inside(x, y) {
                    continue;
                }
                for &(dx, dy, share) in &offsets {
                    let (to_x, to_y) = (x as isize + dx, y as isize + dy);
                    if to_x < 0 || to_y < 0 || to_x >= self.width as isize || to_y >= self.height as isize {
                        continue;
                    }
                    let target = &mut out.data[to_y as usize * self.width + to_x as usize];
                    *target = (*target).max(((value * share) >> 8).min(255) as u8);
                }
            }
        }
        out
    }

    /// Whether a pixel and its neighbours are all covered: then its disc lies in those of the edge.
    fn is_inside(&self, x: usize, y: usize) -> bool {
        let covered = |x: usize, y: usize| self.data[y * self.width + x] == 255;
        x > 0
            && y > 0
            && x + 1 < self.width
            && y + 1 < self.height
            && [(x, y), (x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)].iter().all(|&(x, y)| covered(x, y))
    }

    /// Blurred: three box filters in each direction come close to a Gaussian.
    #[must_use]
    pub fn blurred(&self, radius: f64) -> Self {
        let reach = (radius / 1.8).round() as usize;
        if reach == 0 {
            return self.clone();
        }
        let mut out = self.clone();
        for _ in 0..3 {
            for row in out.data.chunks_exact_mut(self.width.max(1)) {
                box_filter(row, 1, reach);
            }
            for x in 0..self.width {
                box_filter(&mut out.data[x..], self.width, reach);
            }
        }
        out
    }
}

/// The mean of `reach` samples on both sides, for samples that stand `stride` apart.
fn box_filter(samples: &mut [u8], stride: usize, reach: usize) {
    let line: Vec<u8> = samples.iter().step_by(stride).copied().collect();
    let window = (2 * reach + 1) as u32;
    let mut sum: u32 = line.iter().take(reach).map(|&sample| u32::from(sample)).sum();
    for index in 0..line.len() {
        sum += line.get(index + reach).map_or(0, |&sample| u32::from(sample));
        samples[index * stride] = ((sum + window / 2) / window) as u8;
        sum -= index.checked_sub(reach).map_or(0, |gone| u32::from(line[gone]));
    }
}

/// How much of the pixel at (`x`, `y`) a rounded box of this size covers, 0 to 1.
#[must_use]
pub fn rounded_box(x: f64, y: f64, width: f64, height: f64, radius: f64) -> f64 {
    let radius = radius.min(width / 2.0).min(height / 2.0);
    let outside_x = (x - width / 2.0).abs() - (width / 2.0 - radius);
    let outside_y = (y - height / 2.0).abs() - (height / 2.0 - radius);
    let distance = outside_x.max(0.0).hypot(outside_y.max(0.0)) + outside_x.max(outside_y).min(0.0) - radius;
    (0.5 - distance).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot() -> Mask {
        let mut mask = Mask::new(21, 21);
        mask.data[10 * 21 + 10] = 255;
        mask
    }

    #[test]
    fn a_grown_dot_is_a_disc() {
        let grown = dot().grown(3.0);
        let lit = grown.data.iter().filter(|&&value| value > 127).count();
        assert!((25..=37).contains(&lit), "{lit}");
        assert_eq!(grown.data[10 * 21 + 15], 0);
    }

    #[test]
    fn blur_keeps_the_weight_and_spreads_it() {
        let mut mask = Mask::new(61, 61);
        for y in 20..41 {
            mask.data[y * 61 + 20..y * 61 + 41].fill(255);
        }
        let weight = |mask: &Mask| mask.data.iter().map(|&value| u64::from(value)).sum::<u64>();
        let blurred = mask.blurred(6.0);
        assert!(weight(&blurred).abs_diff(weight(&mask)) < weight(&mask) / 50);
        assert!(blurred.data[30 * 61 + 18] > 0);
    }

    #[test]
    fn a_rounded_box_has_no_corners() {
        assert_eq!(rounded_box(0.5, 0.5, 40.0, 20.0, 8.0), 0.0);
        assert_eq!(rounded_box(20.0, 10.0, 40.0, 20.0, 8.0), 1.0);
        assert_eq!(rounded_box(0.5, 0.5, 40.0, 20.0, 0.0), 1.0);
    }
}
