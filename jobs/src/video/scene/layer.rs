//! What is one picture of one frame? A [`Layer`]: plain numbers, so that two frames can be compared.

use crate::video::picture::{Canvas, Paint, Rect, Yuv, Yuva};

/// A picture of an actor, where and how it is drawn on one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layer {
    /// Which of the actor's pictures.
    pub role: Role,
    /// Which part of it, in its pixels.
    pub source: Rect,
    /// Where on the frame, in pixels.
    pub target: Rect,
    /// 0 to 1.
    pub opacity: f64,
    /// Drawn towards a colour.
    pub tint: Option<(Yuv, f64)>,
}

/// An actor has a picture, and perhaps a blurred one behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The picture itself.
    Picture,
    /// The blurred copy behind it.
    Backdrop,
}

impl Layer {
    /// The layer with its picture, ready to be drawn.
    #[must_use]
    pub fn paint<'a>(&self, picture: &'a Yuva) -> Paint<'a> {
        Paint { picture, source: self.source, target: self.target, opacity: self.opacity, tint: self.tint }
    }

    /// Draws it.
    pub fn draw(&self, picture: &Yuva, canvas: &mut Canvas) {
        canvas.draw(&self.paint(picture));
    }
}
