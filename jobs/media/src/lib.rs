//! A tenant's media file: opened quietly, as one file that cannot name others, and heard frame by frame.
//!
//! What every kind needs that hears files: [`Source`] decodes one stream of sound, [`Timeline`] tells where a frame belongs,
//! [`Reshape`] brings frames of any shape into one.

mod libav;
mod limits;
mod reshape;
mod source;
mod timeline;

pub use libav::{broken, internal, quiet, unreadable};
pub use limits::MediaLimits;
pub use reshape::{Reshape, Shape};
pub use source::{SoundInfo, Source, Track, count_tracks};
pub use timeline::{Place, Timeline};
