//! Files as pictures: stills and moving pictures, brought to the size that is needed.

mod orient;
mod still;
mod video;

pub use still::{StillInfo, load_still, probe_still};
pub use video::{VideoInfo, VideoReader, probe_video};
