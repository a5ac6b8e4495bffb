//! Words as pictures: fonts and fallbacks, shaping, boxes, outlines and shadows.

mod dress;
mod effects;
mod emoji;
mod fonts;
mod raster;
mod style;

pub use raster::Typesetter;
pub use style::{BoxLook, Look, OutlineLook, ShadowLook};
