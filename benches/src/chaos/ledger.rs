//! What do the clients know of the jobs that they submitted? By number, since an id may never have arrived.

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::Mutex;

/// What is known of one number.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// The ids that were answered for it, or that were found when it was looked for.
    pub ids: BTreeSet<String>,
    /// Whether some submit of it had no answer: then there may be a job that nobody was told of.
    pub was_lost: bool,
    /// The ids of the jobs that it depends on.
    pub needs: Vec<String>,
    /// The number whose file it reads.
    pub source: Option<u64>,
    /// Whether it was refused because the job whose file it was to read had not succeeded.
    pub was_refused: bool,
    /// Whether somebody asked for its end.
    pub cancel_asked: bool,
    /// Final states that somebody saw, by id. No other may follow.
    pub seen: BTreeMap<String, String>,
}

/// Everything that the clients know.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<BTreeMap<u64, Entry>>);

impl Ledger {
    /// Changes what is known of a number.
    pub fn note(&self, number: u64, change: impl FnOnce(&mut Entry)) {
        change(self.0.lock().entry(number).or_default());
    }

    /// What is known of a number.
    pub fn entry(&self, number: u64) -> Entry {
        self.0.lock().get(&number).cloned().unwrap_or_default()
    }

    /// The job that later ones name when they depend on this number.
    pub fn id(&self, number: u64) -> Option<String> {
        self.0.lock().get(&number)?.ids.first().cloned()
    }
}
