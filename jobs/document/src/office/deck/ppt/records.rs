//! What are the records of a PPT, and where do its objects lie?

use std::collections::{HashMap, HashSet};

use super::super::super::compound::Bytes;

/// How many changes of a document are followed back.
const MOST_EDITS: usize = 1_000;

/// A record.
#[derive(Debug, Clone, Copy)]
pub struct Record<'s> {
    pub kind: u16,
    pub instance: u16,
    pub data: &'s [u8],
}

impl<'s> Record<'s> {
    /// The record at `at`.
    pub fn at(stream: &'s [u8], at: usize) -> Option<Self> {
        let first = stream.u16_at(at)?;
        let length = stream.u32_at(at.checked_add(4)?)? as usize;
        let rest = stream.get(at.checked_add(8)?..)?;
        // What is cut off ends where the stream does.
        let data = rest.get(..length.min(rest.len()))?;
        Some(Self { kind: stream.u16_at(at + 2)?, instance: first >> 4, data })
    }

    /// The records in it.
    pub fn inner(&self) -> impl Iterator<Item = Record<'s>> + use<'s> {
        let data = self.data;
        let mut at = 0;
        std::iter::from_fn(move || {
            let record = Record::at(data, at)?;
            at += 8 + record.data.len();
            Some(record)
        })
    }

    /// The first record of that kind in it.
    pub fn child(&self, kind: u16) -> Option<Record<'s>> {
        self.inner().find(|it| it.kind == kind)
    }
}

/// Where the objects of a document lie, by their numbers.
#[derive(Debug, Default)]
pub struct Objects {
    places: HashMap<u32, usize>,
    /// The object that is the document.
    document: u32,
}

impl Objects {
    /// Follows the changes back from the last one, which lies at `last` (MS-PPT, 2.1.2).
    pub fn of(stream: &[u8], last: usize) -> Self {
        let mut objects = Self::default();
        let mut seen = HashSet::new();
        let mut at = last;
        while seen.len() < MOST_EDITS && seen.insert(at) {
            let Some(edit) = Record::at(stream, at).filter(|it| it.kind == 4085) else { break };
            let number = |at: usize| edit.data.u32_at(at).unwrap_or_default();
            if seen.len() == 1 {
                objects.document = number(16);
            }
            let directory = Record::at(stream, number(12) as usize).filter(|it| it.kind == 6002);
            if let Some(directory) = directory {
                objects.add(directory.data);
            }
            at = number(8) as usize;
            if at == 0 {
                break;
            }
        }
        objects
    }

    /// Adds a directory: runs of numbers that follow each other, with a place each. Newer ones came before.
    fn add(&mut self, directory: &[u8]) {
        let mut at = 0;
        while let Some(head) = directory.u32_at(at) {
            at += 4;
            for place in 0..head >> 20 {
                let Some(offset) = directory.u32_at(at) else { return };
                at += 4;
                self.places.entry((head & 0x000f_ffff) + place).or_insert(offset as usize);
            }
        }
    }

    /// The object with that number.
    pub fn get<'s>(&self, stream: &'s [u8], number: u32) -> Option<Record<'s>> {
        Record::at(stream, *self.places.get(&number)?)
    }

    /// The document: the object that is it, or the first record that looks like one.
    pub fn document<'s>(&self, stream: &'s [u8]) -> Option<Record<'s>> {
        let whole = Record { kind: 0, instance: 0, data: stream };
        self.get(stream, self.document).filter(|it| it.kind == 1000).or_else(|| whole.child(1000))
    }
}
