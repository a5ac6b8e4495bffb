//! The queue measured: what a job that does nothing costs, on a server that others are measured on as well.

pub mod drain;
pub mod noop;
pub mod pickup;
pub mod place;
pub mod submit;
pub mod used;
