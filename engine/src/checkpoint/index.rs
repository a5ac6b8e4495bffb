//! Which keys does a file of records have, and where? Of several records of a key the last one counts.

use std::collections::HashMap;
use std::fs::File;
use std::io;

use super::record::{Place, record_at};

/// The newest record of each key.
#[derive(Debug, Default)]
pub(crate) struct Index {
    places: HashMap<String, Place>,
    bytes: u64,
}

impl Index {
    /// Reads a file up to `end`; tells where the last whole record ends.
    pub fn of(file: &File, end: u64) -> io::Result<(Self, u64)> {
        let (mut index, mut at) = (Self::default(), 0);
        while let Some((key, place)) = record_at(file, at, end)? {
            at = place.end();
            index.put(key, place);
        }
        Ok((index, at))
    }

    /// Where the newest record of a key lies.
    pub fn get(&self, key: &str) -> Option<Place> {
        self.places.get(key).copied()
    }

    /// How many keys there are.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// How long the newest records are together.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many keys and bytes there would be with one more record.
    pub fn with(&self, key: &str, length: u64) -> (usize, u64) {
        let old = self.get(key);
        let bytes = self.bytes - old.map_or(0, Place::length);
        (self.count() + usize::from(old.is_none()), bytes.saturating_add(length))
    }

    /// Adds a record.
    pub fn put(&mut self, key: String, place: Place) {
        (_, self.bytes) = self.with(&key, place.length());
        self.places.insert(key, place);
    }

    /// The newest records, in the order in which they were written.
    pub fn in_order(&self) -> Vec<(&str, Place)> {
        let mut places: Vec<_> = self.places.iter().map(|(key, place)| (key.as_str(), *place)).collect();
        places.sort_unstable_by_key(|(_, place)| place.at);
        places
    }
}
