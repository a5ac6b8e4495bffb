//! What may be asked of `document.extract`? The input, with its documentation, and every fault that it shows by itself.
//!
//! The struct is the manual: its comments become the descriptions of the JSON Schema. [`read`] makes it of JSON, [`check`]
//! holds it against the operator's limits.

mod check;
mod fields;
mod languages;
mod manual;
mod pages;
mod password;
mod read;
mod settings;

pub use check::check;
pub use fields::{ImageFormat, Input, Ocr, Output};
pub use manual::{DESCRIPTION, NAME, TITLE, example, input_schema, settings_schema};
pub use read::read;
pub use settings::settings;
