//! Which part of a picture is shown where? Fit, focus, region, position: pure geometry.

use crate::video::model::{Fit, PictureFields, Placement};
use crate::video::picture::Rect;

/// A picture in the frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Framing {
    /// Which part of the picture is shown, as fractions of it.
    pub source: Rect,
    /// Where in the frame, in pixels.
    pub target: Rect,
    /// With `blur_pad`: where the blurred copy is shown.
    pub backdrop: Option<Rect>,
}

/// The box that a clip of this placement may fill: the frame, scaled.
#[must_use]
pub fn box_of(placement: &Placement, frame: (f64, f64)) -> (f64, f64) {
    (frame.0 * placement.scale, frame.1 * placement.scale)
}

/// Something of a size, put where the placement says, `margin` pixels away from the edges.
#[must_use]
pub fn place(placement: &Placement, size: (f64, f64), frame: (f64, f64), margin: f64) -> Rect {
    let (across, down) = placement.position.shares();
    let along = |share: f64, free: f64| margin.min(free.abs() / 2.0) * (1.0 - 2.0 * share) + share * free;
    Rect {
        x: along(across, frame.0 - size.0) + placement.offset.x * frame.0,
        y: along(down, frame.1 - size.1) + placement.offset.y * frame.1,
        w: size.0,
        h: size.1,
    }
}

/// Brings a picture of `size` pixels into the frame.
#[must_use]
pub fn frame_picture(
    fields: &PictureFields,
    placement: &Placement,
    size: (f64, f64),
    frame: (f64, f64),
) -> Framing {
    let room = box_of(placement, frame);
    let whole = Rect::sized(1.0, 1.0);
    match fields.fit {
        Fit::Stretch => Framing { source: whole, target: place(placement, room, frame, 0.0), backdrop: None },
        Fit::Contain => {
            let target = place(placement, contained(size, room), frame, 0.0);
            Framing { source: whole, target, backdrop: None }
        }
        Fit::BlurPad => {
            let outer = place(placement, room, frame, 0.0);
            let (w, h) = contained(size, room);
            let target = Rect { x: outer.x + (outer.w - w) / 2.0, y: outer.y + (outer.h - h) / 2.0, w, h };
            Framing { source: whole, target, backdrop: Some(outer) }
        }
        Fit::Cover | Fit::Crop => {
            let part = match (fields.fit, fields.region) {
                (Fit::Crop, Some(region)) => {
                    Rect { x: region.x, y: region.y, w: region.width, h: region.height }
                }
                _ => whole,
            };
            let source = covering(part, size, room, (fields.focus.x, fields.focus.y));
            Framing { source, target: place(placement, room, frame, 0.0), backdrop: None }
        }
    }
}

/// The largest size of the picture's shape inside the room.
fn contained(size: (f64, f64), room: (f64, f64)) -> (f64, f64) {
    let factor = (room.0 / size.0).min(room.1 / size.1);
    (size.0 * factor, size.1 * factor)
}

/// The largest part of `part` (fractions of a picture of `size`) that has the room's shape, about `focus`.
pub fn covering(part: Rect, size: (f64, f64), room: (f64, f64), focus: (f64, f64)) -> Rect {
    let (wide, high) = (part.w * size.0, part.h * size.1);
    let factor = (room.0 / wide).max(room.1 / high);
    let (w, h) = (part.w * room.0 / (wide * factor), part.h * room.1 / (high * factor));
    let within = |start: f64, length: f64, wanted: f64, focus: f64| {
        (start + length * focus - wanted / 2.0).clamp(start, start + (length - wanted).max(0.0))
    };
    Rect { x: within(part.x, part.w, w, focus.0), y: within(part.y, part.h, h, focus.1), w, h }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::model::Position;

    const FRAME: (f64, f64) = (1280.0, 720.0);

    fn fields(fit: Fit) -> PictureFields {
        PictureFields { source: String::new(), fit, focus: Default::default(), region: None, motion: None }
    }

    #[test]
    fn cover_cuts_what_is_over_in_the_middle() {
        let framing = frame_picture(&fields(Fit::Cover), &Placement::default(), (1000.0, 1000.0), FRAME);
        assert_eq!(framing.target, Rect::sized(1280.0, 720.0));
        assert_eq!(framing.source, Rect { x: 0.0, y: 0.21875, w: 1.0, h: 0.5625 });
    }

    #[test]
    fn focus_moves_the_cut_but_never_past_the_edge() {
        let mut fields = fields(Fit::Cover);
        fields.focus.y = 0.0;
        let framing = frame_picture(&fields, &Placement::default(), (1000.0, 1000.0), FRAME);
        assert_eq!(framing.source.y, 0.0);
    }

    #[test]
    fn contain_shows_the_whole_and_hugs_its_corner() {
        let placement = Placement { position: Position::TopRight, scale: 0.25, ..Placement::default() };
        let framing = frame_picture(&fields(Fit::Contain), &placement, (100.0, 100.0), FRAME);
        assert_eq!(framing.target, Rect { x: 1100.0, y: 0.0, w: 180.0, h: 180.0 });
    }

    #[test]
    fn the_nine_places_touch_their_edges() {
        let at = |position| {
            let placement = Placement { position, ..Placement::default() };
            let rect = place(&placement, (100.0, 50.0), FRAME, 10.0);
            (rect.x, rect.y)
        };
        assert_eq!(at(Position::TopLeft), (10.0, 10.0));
        assert_eq!(at(Position::Center), (590.0, 335.0));
        assert_eq!(at(Position::BottomRight), (1170.0, 660.0));
        assert_eq!(at(Position::Left), (10.0, 335.0));
    }

    #[test]
    fn blur_pad_fills_the_box_behind_the_picture() {
        let framing = frame_picture(&fields(Fit::BlurPad), &Placement::default(), (720.0, 1280.0), FRAME);
        assert_eq!(framing.backdrop, Some(Rect::sized(1280.0, 720.0)));
        assert_eq!(framing.target.w, 405.0);
    }
}
