//! How many bytes came out so far, in all files?

use std::cell::Cell;
use std::io::{self, Seek, SeekFrom, Write};
use std::rc::Rc;

/// A count that all files of a job share.
#[derive(Debug, Clone, Default)]
pub struct Count(Rc<Cell<u64>>);

impl Count {
    /// Counts `bytes` more.
    pub fn add(&self, bytes: usize) {
        self.0.set(self.0.get().saturating_add(bytes as u64));
    }

    /// All bytes so far.
    pub fn bytes(&self) -> u64 {
        self.0.get()
    }
}

/// A file whose bytes count.
#[derive(Debug)]
pub struct Counted<W> {
    inner: W,
    count: Count,
}

impl<W> Counted<W> {
    /// Counts what is written to `inner`.
    pub fn new(inner: W, count: &Count) -> Self {
        Self { inner, count: count.clone() }
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.count.add(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Seek> Seek for Counted<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_count_together() {
        let count = Count::default();
        let mut files = [Counted::new(Vec::new(), &count), Counted::new(Vec::new(), &count)];
        files.iter_mut().for_each(|file| file.write_all(b"abc").unwrap());
        count.add(4);
        assert_eq!(count.bytes(), 10);
    }
}
