//! `video.generate`: pictures, clips, words and sound become one MP4.

pub mod captions;
mod limits;
mod model;
mod picture;
mod scene;
pub mod sound;
mod source;
mod text;
mod timeline;
