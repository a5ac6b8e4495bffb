//! What is nobody to read or hear? Found in the text, taken out of it, and silent in a copy of the sound.

mod address;
mod checks;
mod digits;
mod find;
mod flac;
mod signs;
mod sound;
mod text;

pub use sound::silence;
pub use text::redact;
