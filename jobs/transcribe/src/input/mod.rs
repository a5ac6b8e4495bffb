//! What may be asked of `media.transcribe`? The input, with its documentation, and every fault that it shows by itself.
//!
//! The struct is the manual: its comments become the descriptions of the JSON Schema. [`read`] makes it of JSON, [`check`]
//! holds it against the operator's limits and against what the engine can do.

mod check;
mod engine;
mod fields;
mod language;
mod manual;
mod read;
mod settings;

pub use check::check;
pub use engine::{Chosen, chosen};
pub use fields::{Channels, FilterMethod, Input, Output, Redaction, Subtitle, Vocabulary};
pub use language::{Language, language_code, tag_of};
pub use manual::{DESCRIPTION, NAME, TITLE, example, input_schema, settings_schema};
pub use read::read;
pub use settings::settings;
