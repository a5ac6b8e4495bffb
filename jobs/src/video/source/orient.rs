//! Which way up is a phone's picture? What EXIF and the display matrix say, as flips and a transpose.

use crate::video::picture::{Plane, Yuva};

/// A turn by quarters, with or without mirroring: transpose first, then flip.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Orientation {
    /// Rows become columns.
    pub transpose: bool,
    /// Left becomes right.
    pub flip_x: bool,
    /// Top becomes bottom.
    pub flip_y: bool,
}

impl Orientation {
    /// From the nine numbers of a display matrix (16.16 fixed point, as MP4 stores them).
    ///
    /// Turns that are no multiple of a quarter take the nearest one.
    #[must_use]
    pub fn from_matrix(bytes: &[u8]) -> Self {
        let entry = |index: usize| {
            bytes
                .get(index * 4..index * 4 + 4)
                .and_then(|four| four.try_into().ok())
                .map_or(0, i32::from_ne_bytes)
        };
        // x' = a·x + c·y and y' = b·x + d·y.
        let (a, b, c, d) = (entry(0), entry(1), entry(3), entry(4));
        if a.unsigned_abs() >= b.unsigned_abs() {
            Self { transpose: false, flip_x: a < 0, flip_y: d < 0 }
        } else {
            Self { transpose: true, flip_x: c < 0, flip_y: b < 0 }
        }
    }

    /// Width and height after the turn.
    #[must_use]
    pub fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.transpose { (height, width) } else { (width, height) }
    }

    /// The picture, turned.
    #[must_use]
    pub fn apply(self, picture: Yuva) -> Yuva {
        if self == Self::default() {
            return picture;
        }
        Yuva {
            y: self.plane(&picture.y),
            u: self.plane(&picture.u),
            v: self.plane(&picture.v),
            alpha: picture.alpha.map(|(full, half)| (self.plane(&full), self.plane(&half))),
        }
    }

    fn plane(self, plane: &Plane) -> Plane {
        let (width, height) =
            if self.transpose { (plane.height, plane.width) } else { (plane.width, plane.height) };
        let mut out = Plane::filled(width, height, 0);
        for y in 0..height {
            let from_y = if self.flip_y { height - 1 - y } else { y };
            for (x, sample) in out.row_mut(y).iter_mut().enumerate() {
                let from_x = if self.flip_x { width - 1 - x } else { x };
                let index = if self.transpose {
                    from_x * plane.width + from_y
                } else {
                    from_y * plane.width + from_x
                };
                *sample = plane.data[index];
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(a: i32, b: i32, c: i32, d: i32) -> Vec<u8> {
        [a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30]
            .iter()
            .flat_map(|entry| entry.to_ne_bytes())
            .collect()
    }

    fn turned(matrix: &[u8]) -> Vec<u8> {
        let mut picture = Yuva::black(3, 2);
        picture.y.data = vec![1, 2, 3, 4, 5, 6];
        Orientation::from_matrix(matrix).apply(picture).y.data
    }

    #[test]
    fn a_phone_held_upright_is_turned_clockwise() {
        assert_eq!(turned(&matrix(0, 1, -1, 0)), [4, 1, 5, 2, 6, 3]);
    }

    #[test]
    fn the_other_turns_and_a_mirror() {
        assert_eq!(turned(&matrix(1, 0, 0, 1)), [1, 2, 3, 4, 5, 6]);
        assert_eq!(turned(&matrix(-1, 0, 0, -1)), [6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(&matrix(0, -1, 1, 0)), [3, 6, 2, 5, 1, 4]);
        assert_eq!(turned(&matrix(-1, 0, 0, 1)), [3, 2, 1, 6, 5, 4]);
    }

    #[test]
    fn a_short_matrix_is_no_turn() {
        assert_eq!(Orientation::from_matrix(&[1, 2]), Orientation::default());
    }
}
