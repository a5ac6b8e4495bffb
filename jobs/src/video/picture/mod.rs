//! Pictures: planes of YUV 4:2:0, how they are sampled at sub-pixel steps, blended and mixed.
//!
//! Everything is BT.709 in limited range, 8 bits; alpha is premultiplied, so that drawing one picture
//! over another is `over = picture + below · (1 − alpha)` in every plane alike.

mod blend;
mod canvas;
mod colour;
mod convert;
mod kernel;
mod plane;
mod rect;
mod sample;
mod shape;

pub use canvas::{Canvas, Paint};
pub use colour::{Colour, Yuv};
pub use convert::{rgb_from_canvas, yuva_from_rgba};
pub use plane::{Plane, Yuva};
pub use rect::Rect;
pub use shape::Shape;
