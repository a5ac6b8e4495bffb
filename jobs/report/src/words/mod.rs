//! How are things said? In both languages, with their numbers and dates.

mod advice;
mod clean;
mod locale;
mod names;
mod number;
mod time;

pub use advice::advice;
pub use clean::{clean, shortened};
pub use locale::Locale;
pub use names::kind_name;
