//! How many things may one party have open at the same moment? So many places, counted by party.
//!
//! Each process counts for itself: what it protects is its own memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;

/// The places that each party has taken; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Places<K>(Arc<Mutex<HashMap<K, usize>>>);

impl<K> Default for Places<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// A place that is taken; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place<K: Eq + Hash> {
    places: Places<K>,
    party: K,
}

impl<K: Copy + Eq + Hash> Places<K> {
    /// Takes a place for `party`; `None` when it has `most` already. With a `most` of 0 there is no limit.
    pub(crate) fn take(&self, party: K, most: usize) -> Option<Place<K>> {
        let mut taken = self.0.lock();
        let count = taken.entry(party).or_default();
        // A party without a place is never full, so that a refusal leaves no entry behind.
        if most > 0 && *count >= most {
            return None;
        }
        *count += 1;
        Some(Place { places: self.clone(), party })
    }
}

impl<K: Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock();
        if let Some(count) = taken.get_mut(&self.party) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.party);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_gets_as_many_places_as_it_may_and_takes_none_of_anothers() {
        let places = Places::default();
        let first = places.take("a", 2);
        let _second = places.take("a", 2).unwrap();
        assert!(places.take("a", 2).is_none());
        assert!(places.take("b", 2).is_some());
        drop(first);
        assert!(places.take("a", 2).is_some());
    }

    #[test]
    fn zero_is_no_limit_and_nobody_is_remembered_who_left() {
        let places = Places::default();
        let all: Vec<_> = (0..1_000).map(|_| places.take("a", 0).unwrap()).collect();
        drop(all);
        assert!(places.0.lock().is_empty());
    }
}
