//! How many faults of an input are told? Enough to mend it, in an answer of a bounded size.

use super::InputError;

/// Faults that are told; of any further ones only that there are some.
const MOST_FAULTS: usize = 100;

/// Bytes that are kept of a pointer and of a message.
const POINTER_BYTES: usize = 256;
const MESSAGE_BYTES: usize = 512;

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
        let pointer = short(pointer.as_ref(), POINTER_BYTES);
        self.told.push(InputError::new(pointer, short(message.as_ref(), MESSAGE_BYTES)));
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
            let message = format!("and more faults: only the first {MOST_FAULTS} are told");
            self.told.push(InputError::new("", message));
        }
        self.told
    }
}

/// The beginning of a text, with a sign that it goes on.
#[must_use]
pub fn short(text: &str, most_bytes: usize) -> String {
    match text.get(..text.floor_char_boundary(most_bytes)) {
        Some(start) if start.len() < text.len() => format!("{start}…"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hundred_and_first_fault_is_only_counted() {
        let mut faults = Faults::default();
        (0..=MOST_FAULTS).for_each(|_| faults.add("é".repeat(1_000), "wrong"));
        assert!(faults.is_full() && !faults.is_empty());
        let told = faults.into_told();
        assert_eq!(told.len(), MOST_FAULTS + 1);
        assert!(told[0].pointer.len() <= POINTER_BYTES + 3 && told[0].pointer.ends_with("é…"));
    }
}
