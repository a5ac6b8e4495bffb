//! `video.generate`: pictures, clips, words and sound become one MP4.

pub mod captions;
pub mod sound;
