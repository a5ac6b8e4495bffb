//! The child process that runs a kind: what it is told, what it may do, how it ends.

pub mod protocol;
mod work_dir;

pub use work_dir::WorkDir;
