//! The whole surface: every operation that the description lists, against everything that can be wrong with a request.
//!
//! Nothing here names a route: the table is the description itself, so a new operation is in it from its first day. What
//! a test has to know about it is the thing that a `{name}` in its path stands for: [`things`].

mod bodies;
mod callers;
mod description;
mod methods;
mod names;
mod operation;
mod things;

pub use operation::{Operation, operations};
pub use things::Things;
