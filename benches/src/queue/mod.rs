//! The queue measured: what a job that does nothing costs, on a server that others are measured on as well.

pub mod drain;
mod noop;
pub mod pickup;
mod place;
pub mod submit;
mod used;
