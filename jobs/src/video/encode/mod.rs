//! The result as a file: H.264, AAC and captions in one MP4.

mod h264;
mod language;
mod mp4;
mod sound;

pub use mp4::{Mp4, Spec};
