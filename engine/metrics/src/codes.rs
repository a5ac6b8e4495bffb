//! Which words may become labels? Those of a sane form, and not more of them than a graph can bear.
//!
//! The code of an error comes out of a child, which may be hostile: without a bound it could fill a Prometheus. Those of the
//! engine itself have their labels whatever a child makes up before.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;

/// The word for whatever has no label of its own.
pub(crate) const OTHER: &str = "other";
/// Longer words are no codes.
const LONGEST: usize = 64;
/// The causes of crashes.
pub(crate) const CRASHES: [&str; 6] =
    ["crashed", "panicked", "sandbox_violation", "bad_child", "internal", WORKER_LOST];
/// That of a job whose worker was lost.
pub(crate) const WORKER_LOST: &str = "worker_lost";
/// The other codes of the engine.
const OWN: &[&str] = &[
    "bad_artifact",
    "bad_artifact_name",
    "bad_checkpoint",
    "bad_document",
    "bad_input",
    "bad_report",
    "cancelled",
    "cpu_limit",
    "dataset_too_large",
    "database_unavailable",
    "dependency_failed",
    "document_not_kept",
    "file_missing",
    "file_not_found",
    "file_size_limit",
    "file_too_large",
    "lease_lost",
    "no_sandbox",
    "not_migrated",
    "not_started",
    "out_of_memory",
    "service_result_missing",
    "source_refused",
    "source_unavailable",
    "stalled",
    "store_unavailable",
    "timeout",
    "unknown_kind",
    "work_dir_unreadable",
    "work_dir_unwritable",
    "worker_gone",
];

/// The engine's own words, and those that were seen so far, up to a number.
#[derive(Debug)]
pub(crate) struct Codes {
    most: usize,
    known: Mutex<HashSet<Arc<str>>>,
}

impl Codes {
    pub fn new(most: usize) -> Self {
        let known: HashSet<Arc<str>> = CRASHES.iter().chain(OWN).copied().map(Arc::from).collect();
        Self { most: most.saturating_add(known.len()), known: Mutex::new(known) }
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
            ["bad_image", "bad_clip", "third", "bad_image"].map(|code| codes.label(code).to_string()),
            ["bad_image", "bad_clip", "other", "bad_image"]
        );
        assert_eq!(
            ["timeout", "worker_lost"].map(|own| codes.label(own).to_string()),
            ["timeout", "worker_lost"]
        );
        for strange in ["", "A", "a b", "a\"b", "é", &"a".repeat(65)] {
            assert_eq!(&*Codes::new(9).label(strange), OTHER, "{strange:?}");
        }
    }
}
