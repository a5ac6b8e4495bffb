//! How are faults collected? Each with its pointer; ranges and colours in the same words everywhere.

use esteira_engine::job::InputError;

use crate::video::picture::Colour;

/// Faults found so far.
pub struct Faults(pub Vec<InputError>);

impl Faults {
    /// Keeps one.
    pub fn add(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.0.push(InputError::new(pointer, message));
    }

    /// A number that is not within its limits.
    pub fn range(&mut self, pointer: &str, value: f64, least: f64, most: f64) {
        if !(least..=most).contains(&value) {
            self.add(pointer, format!("{value} is out of range: from {least} to {most}"));
        }
    }

    /// A text that names no colour.
    pub fn colour(&mut self, pointer: &str, text: &str) {
        if let Err(error) = text.parse::<Colour>() {
            self.add(pointer, format!("{text:?} is no colour: {error}"));
        }
    }
}
