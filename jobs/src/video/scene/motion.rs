//! Where does the camera look at a moment of a move? Ken Burns with easing, in exact fractions.

use crate::video::model::{Easing, Motion, MotionKind};
use crate::video::picture::Rect;

/// Progress `t` (0 to 1) along a curve.
#[must_use]
pub fn eased(easing: Easing, t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    match easing {
        Easing::Linear => t,
        Easing::EaseIn => t * t,
        Easing::EaseOut => t * (2.0 - t),
        Easing::EaseInOut => t * t * (3.0 - 2.0 * t),
    }
}

/// The part of `whole` in view at progress `t` of the move.
#[must_use]
pub fn view_at(motion: &Motion, whole: Rect, t: f64) -> Rect {
    let t = eased(motion.easing, t);
    let nearest = 1.0 + motion.amount;
    let zoom = match motion.kind {
        MotionKind::ZoomIn => 1.0 + motion.amount * t,
        MotionKind::ZoomOut => 1.0 + motion.amount * (1.0 - t),
        _ => nearest,
    };
    let (w, h) = (whole.w / zoom, whole.h / zoom);
    let (free_x, free_y) = (whole.w - w, whole.h - h);
    let (across, down) = match motion.kind {
        MotionKind::ZoomIn | MotionKind::ZoomOut => (0.5, 0.5),
        MotionKind::PanLeft => (1.0 - t, 0.5),
        MotionKind::PanRight => (t, 0.5),
        MotionKind::PanUp => (0.5, 1.0 - t),
        MotionKind::PanDown => (0.5, t),
    };
    Rect { x: whole.x + free_x * across, y: whole.y + free_y * down, w, h }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [MotionKind; 6] = [
        MotionKind::ZoomIn,
        MotionKind::ZoomOut,
        MotionKind::PanLeft,
        MotionKind::PanRight,
        MotionKind::PanUp,
        MotionKind::PanDown,
    ];

    #[test]
    fn the_view_never_leaves_the_picture() {
        let whole = Rect { x: 0.1, y: 0.2, w: 0.8, h: 0.5 };
        for kind in ALL {
            for step in 0..=100 {
                let motion = Motion { kind, amount: 0.4, easing: Easing::EaseInOut };
                let view = view_at(&motion, whole, f64::from(step) / 100.0);
                let slack = 1e-12;
                assert!(
                    view.x >= whole.x - slack && view.x + view.w <= whole.x + whole.w + slack,
                    "{kind:?}"
                );
                assert!(
                    view.y >= whole.y - slack && view.y + view.h <= whole.y + whole.h + slack,
                    "{kind:?}"
                );
                assert!((view.w / view.h - whole.w / whole.h).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_move_goes_all_the_way_and_never_back() {
        for easing in [Easing::Linear, Easing::EaseIn, Easing::EaseOut, Easing::EaseInOut] {
            assert_eq!((eased(easing, 0.0), eased(easing, 1.0)), (0.0, 1.0));
            let steps: Vec<f64> = (0..=50).map(|step| eased(easing, f64::from(step) / 50.0)).collect();
            assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{easing:?}");
        }
    }

    #[test]
    fn pan_left_ends_at_the_left_edge() {
        let motion = Motion { kind: MotionKind::PanLeft, amount: 0.25, easing: Easing::Linear };
        assert_eq!(
            view_at(&motion, Rect::sized(1.0, 1.0), 1.0),
            Rect { x: 0.0, y: 0.09999999999999998, w: 0.8, h: 0.8 }
        );
    }
}
