//! Which pixels already show the next clip? A [`Shape`] says it, soft at its edge.

/// The part of a frame that a transition has taken over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// Every pixel by the same share, 0 to 1.
    Everywhere(f64),
    /// Everything on one side of an upright line at `at`; `from_left` says which.
    Columns {
        /// Where the line stands, in pixels.
        at: f64,
        /// Whether the left side is taken.
        from_left: bool,
        /// Width of the soft edge, in pixels.
        soft: f64,
    },
    /// Everything on one side of a level line at `at`.
    Rows {
        /// Where the line lies, in pixels.
        at: f64,
        /// Whether the upper side is taken.
        from_top: bool,
        /// Height of the soft edge, in pixels.
        soft: f64,
    },
    /// A disc.
    Disc {
        /// Centre.
        centre: (f64, f64),
        /// Radius in pixels.
        radius: f64,
        /// Width of the soft edge, in pixels.
        soft: f64,
    },
    /// Everything outside a disc.
    Ring {
        /// Centre.
        centre: (f64, f64),
        /// Radius of the disc that is left, in pixels.
        inner: f64,
        /// Width of the soft edge, in pixels.
        soft: f64,
    },
    /// Grains that turn over one by one in an order that never changes.
    Grains {
        /// Which share has turned, 0 to 1.
        share: f64,
        /// Size of a grain in pixels.
        size: f64,
    },
}

impl Shape {
    /// Writes the mask of the row whose centre is at `y`; neighbouring samples are `step` pixels apart.
    pub fn row(&self, y: f64, step: f64, mask: &mut [u8]) {
        let centre = |index: usize| (index as f64 + 0.5) * step;
        match *self {
            Self::Everywhere(share) => mask.fill(byte(share)),
            Self::Columns { at, from_left, soft } => {
                for (index, out) in mask.iter_mut().enumerate() {
                    let inside = if from_left { at - centre(index) } else { centre(index) - at };
                    *out = ramp(inside, soft);
                }
            }
            Self::Rows { at, from_top, soft } => {
                mask.fill(ramp(if from_top { at - y } else { y - at }, soft));
            }
            Self::Disc { centre: (cx, cy), radius, soft } => {
                for (index, out) in mask.iter_mut().enumerate() {
                    *out = ramp(radius - (centre(index) - cx).hypot(y - cy), soft);
                }
            }
            Self::Ring { centre: (cx, cy), inner, soft } => {
                for (index, out) in mask.iter_mut().enumerate() {
                    *out = ramp((centre(index) - cx).hypot(y - cy) - inner, soft);
                }
            }
            Self::Grains { share, size } => {
                let row = (y / size) as u32;
                for (index, out) in mask.iter_mut().enumerate() {
                    let threshold = noise((centre(index) / size) as u32, row);
                    // Each grain turns over a twentieth of the time, which takes the harshness off.
                    *out = byte((share * 1.05 - threshold) * 20.0);
                }
            }
        }
    }
}

/// From nothing to everything over `soft` pixels about the edge.
fn ramp(inside: f64, soft: f64) -> u8 {
    byte(inside / soft.max(1.0) + 0.5)
}

fn byte(share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// A number in `0..1` that looks random and depends on the place alone.
fn noise(x: u32, y: u32) -> f64 {
    let mut hash = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77).rotate_left(13);
    hash = (hash ^ (hash >> 15)).wrapping_mul(0x2C1B_3C6D);
    hash = (hash ^ (hash >> 12)).wrapping_mul(0x297A_2D39);
    f64::from((hash ^ (hash >> 15)) >> 8) / f64::from(1_u32 << 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(shape: Shape) -> Vec<u8> {
        let mut mask = vec![0; 100];
        shape.row(50.5, 1.0, &mut mask);
        mask
    }

    #[test]
    fn a_wipe_takes_one_side() {
        let mask = row(Shape::Columns { at: 40.0, from_left: true, soft: 1.0 });
        assert!(mask[..39].iter().all(|&m| m == 255) && mask[41..].iter().all(|&m| m == 0));
        let mask = row(Shape::Columns { at: 40.0, from_left: false, soft: 1.0 });
        assert!(mask[..39].iter().all(|&m| m == 0) && mask[41..].iter().all(|&m| m == 255));
    }

    #[test]
    fn a_disc_is_round() {
        let disc = Shape::Disc { centre: (50.0, 50.0), radius: 10.0, soft: 1.0 };
        let mask = row(disc);
        assert_eq!(mask.iter().filter(|&&m| m > 127).count(), 20);
        let mut above = vec![0; 100];
        disc.row(39.0, 1.0, &mut above);
        assert!(above.iter().all(|&m| m == 0));
    }

    #[test]
    fn grains_turn_over_in_the_share_asked_for_and_never_back() {
        let count = |share: f64| -> u32 {
            row(Shape::Grains { share, size: 1.0 }).iter().map(|&m| u32::from(m > 127)).sum()
        };
        assert_eq!((count(0.0), count(1.0)), (0, 100));
        assert!((30..70).contains(&count(0.5)));
        let (early, late) =
            (row(Shape::Grains { share: 0.3, size: 1.0 }), row(Shape::Grains { share: 0.6, size: 1.0 }));
        assert!(early.iter().zip(&late).all(|(early, late)| early <= late));
    }
}
