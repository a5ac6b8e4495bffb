//! What may be asked of `video.generate`? The input, part by part, with its documentation.
//!
//! The structs are the manual: their comments become the descriptions of the JSON Schema. Unknown
//! fields are refused everywhere, and a fault is told with the pointer to its place.

mod clip;
mod input;
mod look;
mod merge;
mod output;
mod read;
mod rest;
mod schema;
mod timing;
mod words;

pub use clip::{Clip, Media};
pub use input::{Input, Track};
pub use look::{Easing, Fit, Motion, MotionKind, PictureFields, Placement, Position};
pub use output::Preset;
pub use read::read;
pub use rest::rest;
pub use schema::input_schema;
pub use timing::{Length, Start, Transition, TransitionKind};
pub use words::{Align, Shadow, WordsFields};
