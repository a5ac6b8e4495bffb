//! How many faults of an input are told? Enough to mend it, in an answer of a bounded size.
//!
//! An input of 2 MiB can hold a million faults, each below a name of a megabyte. So only the first
//! ones are kept, and what is kept of each is short.

use esteira_engine::job::InputError;

use super::picture::Colour;

/// Faults that are told; of any further ones only that there are some.
pub const MOST_FAULTS: usize = 100;

/// Bytes that are kept of a pointer.
const POINTER_BYTES: usize = 256;

/// Bytes that are kept of a message.
const MESSAGE_BYTES: usize = 512;

/// Bytes of a wrong colour that are told.
const COLOUR_BYTES: usize = 40;

/// Faults found so far.
#[derive(Debug, Default)]
pub struct Faults {
    told: Vec<InputError>,
    more: bool,
}

impl Faults {
    /// Keeps one, or only the news that there is another.
    pub fn add(&mut self, pointer: impl AsRef<str>, message: impl AsRef<str>) {
        if self.told.len() >= MOST_FAULTS {
            self.more = true;
            return;
        }
        let (pointer, message) =
            (short(pointer.as_ref(), POINTER_BYTES), short(message.as_ref(), MESSAGE_BYTES));
        self.told.push(InputError::new(pointer, message));
    }

    /// Keeps those that something else has found.
    pub fn extend(&mut self, faults: Vec<InputError>) {
        for fault in faults {
            self.add(fault.pointer, fault.message);
        }
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
            self.add(pointer, format!("{:?} is no colour: {error}", short(text, COLOUR_BYTES)));
        }
    }

    /// Says that a text is too long for its field.
    pub fn text(&mut self, pointer: &str, text: &str, most_bytes: usize) {
        if text.len() > most_bytes {
            self.add(pointer, format!("the text has {} bytes; {most_bytes} are allowed", text.len()));
        }
    }

    /// Whether looking for further faults is no use.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.more
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// The faults as they are told.
    #[must_use]
    pub fn into_told(mut self) -> Vec<InputError> {
        if self.more {
            self.told
                .push(InputError::new("", format!("and more faults: only the first {MOST_FAULTS} are told")));
        }
        self.told
    }
}

/// The beginning of a text, with a sign that it goes on.
#[must_use]
pub fn short(text: &str, most_bytes: usize) -> String {
    if text.len() <= most_bytes {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(most_bytes)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hundred_and_first_fault_is_only_counted() {
        let mut faults = Faults::default();
        (0..MOST_FAULTS).for_each(|_| faults.add("/a", "wrong"));
        assert!(!faults.is_full());
        faults.add("/b", "wrong");
        faults.add("/c", "wrong");
        assert!(faults.is_full());
        let told = faults.into_told();
        assert_eq!(told.len(), MOST_FAULTS + 1);
        assert!(told[MOST_FAULTS].message.starts_with("and more faults"));
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let mut faults = Faults::default();
        faults.add("é".repeat(100_000), "ü".repeat(100_000));
        let told = faults.into_told();
        assert!(told[0].pointer.len() <= POINTER_BYTES + 3 && told[0].pointer.ends_with("é…"));
        assert!(told[0].message.len() <= MESSAGE_BYTES + 3 && told[0].message.ends_with("ü…"));
    }
}
