//! How is a report written? A format a room.

mod alt;
mod change;
mod csv;
mod html;
mod json;
mod logo;
mod more;
mod pdf;
mod xlsx;

pub use csv::csv;
pub use html::html;
pub use json::{json, report_schema};
pub use logo::{Logo, logo};
pub use pdf::{pdf, template};
pub use xlsx::xlsx;
