//! What does a transition do at a moment? It moves and colours the two sides, or mixes them by a shape.

use crate::video::model::{Easing, TransitionKind};
use crate::video::picture::{Rect, Shape, Yuv};

use super::layer::Layer;
use super::motion::eased;

/// What happens to the picture that goes and the one that comes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// The next picture replaces the last one inside a shape.
    Mix(Shape),
    /// Both are drawn, each changed.
    Both(Change, Change),
    /// Only the one that goes is drawn.
    Old(Change),
    /// Only the one that comes is drawn.
    New(Change),
}

/// How the layers of one side are changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Shift in pixels.
    pub shift: (f64, f64),
    /// Enlargement about the middle of the frame.
    pub scale: f64,
    /// Factor on the opacity.
    pub opacity: f64,
    /// Drawn towards a colour.
    pub tint: Option<(Yuv, f64)>,
}

impl Default for Change {
    fn default() -> Self {
        Self { shift: (0.0, 0.0), scale: 1.0, opacity: 1.0, tint: None }
    }
}

impl Change {
    /// The layer, changed.
    #[must_use]
    pub fn of(&self, layer: Layer, frame: (f64, f64)) -> Layer {
        let target: Rect = layer.target.scaled_about(frame.0 / 2.0, frame.1 / 2.0, self.scale);
        Layer {
            target: target.moved(self.shift.0, self.shift.1),
            opacity: layer.opacity * self.opacity,
            tint: self.tint.or(layer.tint),
            ..layer
        }
    }
}

/// The transition at progress `t` (0: nothing has happened, 1: it is over) on a frame of this size.
#[must_use]
pub fn step(kind: TransitionKind, t: f64, frame: (f64, f64)) -> Step {
    use TransitionKind as Kind;
    let (width, height) = frame;
    let smooth = eased(Easing::EaseInOut, t);
    let soft = (width * 0.012).max(2.0);
    // The soft edge begins and ends outside the frame.
    let edge = |length: f64, share: f64| share * (length + soft) - soft / 2.0;
    let slide = |dx: f64, dy: f64| {
        let moved = |share: f64| Change {
            shift: ((dx * width * share).round(), (dy * height * share).round()),
            ..Change::default()
        };
        Step::Both(moved(smooth), moved(smooth - 1.0))
    };
    let through = |colour: Yuv| {
        let tinted = |amount: f64| Change { tint: Some((colour, amount)), ..Change::default() };
        if t < 0.5 { Step::Old(tinted(t * 2.0)) } else { Step::New(tinted(2.0 - t * 2.0)) }
    };
    match kind {
        Kind::Fade => Step::Mix(Shape::Everywhere(t)),
        Kind::FadeBlack => through(Yuv::BLACK),
        Kind::FadeWhite => through(Yuv::WHITE),
        Kind::Dissolve => Step::Mix(Shape::Grains { share: t, size: (height / 180.0).round().max(2.0) }),
        Kind::WipeLeft => {
            Step::Mix(Shape::Columns { at: width - edge(width, smooth), from_left: false, soft })
        }
        Kind::WipeRight => Step::Mix(Shape::Columns { at: edge(width, smooth), from_left: true, soft }),
        Kind::WipeUp => Step::Mix(Shape::Rows { at: height - edge(height, smooth), from_top: false, soft }),
        Kind::WipeDown => Step::Mix(Shape::Rows { at: edge(height, smooth), from_top: true, soft }),
        Kind::SlideLeft => slide(-1.0, 0.0),
        Kind::SlideRight => slide(1.0, 0.0),
        Kind::SlideUp => slide(0.0, -1.0),
        Kind::SlideDown => slide(0.0, 1.0),
        Kind::Circle => Step::Mix(disc(frame, smooth, soft)),
        Kind::CircleClose => Step::Mix(Shape::Ring {
            inner: disc_radius(frame, 1.0 - smooth, soft),
            centre: (width / 2.0, height / 2.0),
            soft,
        }),
        Kind::Zoom => Step::Both(
            Change { scale: 1.0 + 0.4 * smooth, ..Change::default() },
            Change { scale: 1.4 - 0.4 * smooth, opacity: smooth, ..Change::default() },
        ),
    }
}

fn disc(frame: (f64, f64), share: f64, soft: f64) -> Shape {
    Shape::Disc { centre: (frame.0 / 2.0, frame.1 / 2.0), radius: disc_radius(frame, share, soft), soft }
}

/// From a point outside visibility to a circle around the whole frame.
fn disc_radius(frame: (f64, f64), share: f64, soft: f64) -> f64 {
    share * (frame.0.hypot(frame.1) / 2.0 + soft) - soft / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [TransitionKind; 15] = [
        TransitionKind::Fade,
        TransitionKind::FadeBlack,
        TransitionKind::FadeWhite,
        TransitionKind::Dissolve,
        TransitionKind::WipeLeft,
        TransitionKind::WipeRight,
        TransitionKind::WipeUp,
        TransitionKind::WipeDown,
        TransitionKind::SlideLeft,
        TransitionKind::SlideRight,
        TransitionKind::SlideUp,
        TransitionKind::SlideDown,
        TransitionKind::Circle,
        TransitionKind::CircleClose,
        TransitionKind::Zoom,
    ];

    /// The share of the frame that shows the next picture, where the transition works by a shape.
    fn taken(kind: TransitionKind, t: f64) -> Option<f64> {
        let Step::Mix(shape) = step(kind, t, (200.0, 100.0)) else { return None };
        let mut sum = 0.0;
        let mut row = vec![0; 200];
        for y in 0..100 {
            shape.row(f64::from(y) + 0.5, 1.0, &mut row);
            sum += row.iter().map(|&mask| f64::from(mask) / 255.0).sum::<f64>();
        }
        Some(sum / 20_000.0)
    }

    #[test]
    fn every_shape_goes_from_nothing_to_everything_without_turning_back() {
        for kind in ALL {
            let Some(first) = taken(kind, 0.0) else { continue };
            assert_eq!(first, 0.0, "{kind:?}");
            assert_eq!(taken(kind, 1.0), Some(1.0), "{kind:?}");
            let shares: Vec<f64> = (0..=20).filter_map(|at| taken(kind, f64::from(at) / 20.0)).collect();
            assert!(shares.windows(2).all(|pair| pair[0] <= pair[1]), "{kind:?}: {shares:?}");
        }
    }

    #[test]
    fn a_slide_keeps_the_two_pictures_side_by_side() {
        for t in [0.1, 0.5, 0.9] {
            let Step::Both(old, new) = step(TransitionKind::SlideLeft, t, (200.0, 100.0)) else {
                panic!("a slide moves both pictures");
            };
            assert_eq!(new.shift.0 - old.shift.0, 200.0);
        }
    }

    #[test]
    fn a_fade_through_black_is_black_in_the_middle() {
        let Step::New(change) = step(TransitionKind::FadeBlack, 0.5, (200.0, 100.0)) else {
            panic!("the next picture comes out of the black");
        };
        assert_eq!(change.tint, Some((Yuv::BLACK, 1.0)));
    }
}
