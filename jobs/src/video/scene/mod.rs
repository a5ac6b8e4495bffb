//! The scene: which pictures are where on each frame, and how one clip becomes the next.

mod actor;
mod fit;
mod layer;
mod motion;
mod passage;
mod sizing;
mod stage;

pub use actor::{Actor, Footage, Part, Props, Reel};
pub use fit::{frame_picture, place};
pub use stage::Stage;
