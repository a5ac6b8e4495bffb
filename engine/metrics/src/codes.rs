//! Which words may become labels? Those of a sane form, and not more of them than a graph can bear.
//!
//! The code of an error comes out of a child, which may be hostile: without a bound it could fill a Prometheus.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;

/// The word for whatever has no label of its own.
pub(crate) const OTHER: &str = "other";
/// Longer words are no codes.
const LONGEST: usize = 64;

/// The words that were seen so far, up to a number.
#[derive(Debug)]
pub(crate) struct Codes {
    most: usize,
    known: Mutex<HashSet<Arc<str>>>,
}

impl Codes {
    pub fn new(most: usize) -> Self {
        Self { most, known: Mutex::default() }
    }

    /// The word itself, or `other` where it is none or comes too late.
    pub fn label(&self, word: &str) -> Arc<str> {
        let mut known = self.known.lock();
        if let Some(known) = known.get(word) {
            return Arc::clone(known);
        }
        if known.len() >= self.most || !is_code(word) {
            return OTHER.into();
        }
        let word: Arc<str> = word.into();
        known.insert(Arc::clone(&word));
        word
    }
}

fn is_code(word: &str) -> bool {
    (1..=LONGEST).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_child_makes_up_becomes_other_after_as_many_as_are_allowed() {
        let codes = Codes::new(2);
        assert_eq!(
            ["bad_image", "timeout", "third", "bad_image"].map(|code| codes.label(code).to_string()),
            ["bad_image", "timeout", "other", "bad_image"]
        );
        for strange in ["", "A", "a b", "a\"b", "é", &"a".repeat(65)] {
            assert_eq!(&*Codes::new(9).label(strange), OTHER, "{strange:?}");
        }
    }
}
