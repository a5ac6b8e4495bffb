//! At which size is a picture decoded? As large as it is shown at most, so that it is resampled once.

use super::fit::Framing;
use crate::video::model::Motion;
use crate::video::picture::Rect;

/// At which size a picture is decoded, and what of it is shown where, in pixels.
pub struct Sizing {
    /// Size at which it is decoded.
    pub size: (u32, u32),
    /// The part of it that is shown.
    pub source: Rect,
    /// Where on the frame.
    pub target: Rect,
}

impl Sizing {
    /// As large as its nearest moment needs and never larger than it is, so that a still is resampled
    /// once with a good kernel, and a picture without motion is only copied.
    pub fn of(framing: &Framing, seen: (u32, u32), motion: Option<&Motion>, frame: (f64, f64)) -> Self {
        let target = framing.target.on_even_pixels();
        let nearest = motion.map_or(1.0, |motion| 1.0 + motion.amount);
        let wanted = (target.w / framing.source.w * nearest, target.h / framing.source.h * nearest);
        let even = |length: f64| ((length / 2.0).round() * 2.0).clamp(2.0, 16_384.0);
        let enlarged = wanted.0 > f64::from(seen.0) || wanted.1 > f64::from(seen.1);
        let affordable = motion.is_none() && wanted.0 * wanted.1 <= 2.0 * frame.0 * frame.1;
        let size = if enlarged && !affordable {
            (even(f64::from(seen.0)), even(f64::from(seen.1)))
        } else {
            (even(wanted.0), even(wanted.1))
        };
        let part = framing.source;
        let mut source =
            Rect { x: part.x * size.0, y: part.y * size.1, w: part.w * size.0, h: part.h * size.1 };
        let close = (source.w - target.w).abs() < 2.0 && (source.h - target.h).abs() < 2.0;
        if motion.is_none() && close {
            let inside = |start: f64, length: f64, limit: f64| {
                ((start / 2.0).round() * 2.0).clamp(0.0, (limit - length).max(0.0))
            };
            source = Rect {
                x: inside(source.x, target.w, size.0),
                y: inside(source.y, target.h, size.1),
                w: target.w.min(size.0),
                h: target.h.min(size.1),
            };
        }
        Self { size: (size.0 as u32, size.1 as u32), source, target }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::model::{Easing, Fit, MotionKind, PictureFields, Placement};
    use crate::video::scene::frame_picture;

    const FRAME: (f64, f64) = (1280.0, 720.0);

    fn sizing(seen: (u32, u32), motion: Option<&Motion>) -> Sizing {
        let fields = PictureFields {
            source: String::new(),
            fit: Fit::Cover,
            focus: Default::default(),
            region: None,
            motion: None,
        };
        let size = (f64::from(seen.0), f64::from(seen.1));
        let framing = frame_picture(&fields, &Placement::default(), size, FRAME);
        Sizing::of(&framing, seen, motion, FRAME)
    }

    #[test]
    fn a_photo_without_motion_is_copied_pixel_by_pixel() {
        let sizing = sizing((4000, 3000), None);
        assert_eq!(sizing.size, (1280, 960));
        assert_eq!(sizing.source, Rect { x: 0.0, y: 120.0, w: 1280.0, h: 720.0 });
        assert_eq!(sizing.target, Rect::sized(1280.0, 720.0));
    }

    #[test]
    fn a_move_decodes_for_its_nearest_moment() {
        let zoom = Motion { kind: MotionKind::ZoomIn, amount: 0.2, easing: Easing::Linear };
        assert_eq!(sizing((1920, 1080), Some(&zoom)).size, (1536, 864));
        assert_eq!(sizing((640, 360), Some(&zoom)).size, (640, 360));
    }
}
