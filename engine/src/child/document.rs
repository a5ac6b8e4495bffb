//! How does a kind leave a document to be searched? As lines below `tmp/`, however many, never held in memory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::work_dir::storage_error;
use crate::document::{PASSAGES, Passage, pieces};
use crate::job::KindError;

/// The passages of a document, in their order.
pub struct DocumentWriter {
    file: BufWriter<File>,
}

impl DocumentWriter {
    pub(super) fn create(root: &Path) -> std::io::Result<Self> {
        Ok(Self { file: BufWriter::new(File::create(root.join("tmp").join(PASSAGES))?) })
    }

    /// Adds a page, or what was said in some seconds. A long text becomes several passages of the same place; one
    /// without a word becomes none.
    ///
    /// # Errors
    /// When the work directory takes no more.
    pub fn add(&mut self, passage: &Passage) -> Result<(), KindError> {
        for piece in pieces(&passage.text).filter(|piece| !piece.trim().is_empty()) {
            let passage = Passage { text: piece.to_owned(), ..passage.clone() };
            let line = serde_json::to_vec(&passage).map_err(|error| storage_error(&error.into()))?;
            let written = self.file.write_all(&line).and_then(|()| self.file.write_all(b"\n"));
            written.map_err(|error| storage_error(&error))?;
        }
        Ok(())
    }

    pub(super) fn close(mut self) -> Result<(), KindError> {
        self.file.flush().map_err(|error| storage_error(&error))
    }
}
