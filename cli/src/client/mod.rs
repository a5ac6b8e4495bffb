//! How do the client commands speak to a server? By its HTTP API alone.

mod events;
mod http;
mod problem;
mod save;
mod target;

pub use http::{Client, ClientError, percent};
pub use target::Target;
