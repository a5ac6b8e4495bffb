//! How do cells become what a reader of the sheet sees?

pub mod decimal;
pub mod format;
mod islands;
mod pattern;
pub mod serial;
pub mod store;

pub use store::{Sheet, Stored};
