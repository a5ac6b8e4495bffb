//! Which documents lie inside the one that is read, and are still to be read?

use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;

use esteira_engine::child::WorkDir;
use esteira_engine::job::KindError;

use super::super::limits::DocumentLimits;
use super::super::model::Warning;
use super::super::sink::Inner;
use super::storage;
use super::warnings::Warnings;

/// A document inside another one, as a file of the work directory.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its name, which a reader sees.
    pub name: String,
    /// Its bytes.
    pub path: PathBuf,
    /// How many documents it lies in.
    pub depth: u32,
}

/// Whether a document will be read.
pub enum Kept {
    /// It will.
    Yes,
    /// It will not, and others may.
    Not(Warning),
    /// It will not, and neither will any other.
    Full(Warning),
}

/// The documents that wait, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Parts {
    waiting: VecDeque<Part>,
    made: usize,
    bytes: u64,
}

impl Parts {
    /// Puts a document into the work directory, within the limits.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(
        &mut self,
        inner: Inner,
        depth: u32,
        limits: &DocumentLimits,
        work: &WorkDir,
    ) -> Result<Kept, KindError> {
        let Inner { name, bytes } = inner;
        if depth > limits.nesting {
            let message = format!("{name} lies more than {} documents deep, and is not read", limits.nesting);
            return Ok(Kept::Not(Warning::new("nested_too_deep", message).with_loss()));
        }
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.bytes > limits.archive_bytes || self.made >= limits.archive_entries as usize {
            let message = "there are more or larger documents inside than are read";
            return Ok(Kept::Full(Warning::new("too_many_parts", message).with_loss()));
        }
        self.made += 1;
        let path = work.scratch(&format!("part-{}", self.made));
        fs::write(&path, &bytes).map_err(storage)?;
        self.waiting.push_back(Part { name, path, depth });
        Ok(Kept::Yes)
    }

    /// The next one.
    pub fn next(&mut self) -> Option<Part> {
        self.waiting.pop_front()
    }

    /// Warns about those that are not read any more.
    pub fn tell_left(&mut self, warnings: &mut Warnings) {
        let left = self.waiting.len();
        if left > 0 {
            let message = format!("{left} documents inside were not read: a limit of the whole was reached");
            warnings.add(Warning::new("parts_not_read", message).with_loss());
            self.waiting.clear();
        }
    }
}
