//! What is asked for: the input, read and checked.

mod check;
mod colour;
mod fields;
mod manual;
mod period;
mod read;
mod which;

pub use check::check;
pub use colour::Colour;
pub use fields::{Branding, Format, Input};
pub use manual::{DESCRIPTION, NAME, TITLE, example, input_schema};
pub use period::Period;
pub use read::read;
pub use which::Which;
