//! Where does sound wait between two passes? In a nameless file of stereo `f32` pairs.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use esteira_engine::job::KindError;

/// Left and right.
pub(super) type Pair = [f32; 2];

const PAIR_BYTES: usize = 8;

/// A file of samples. It has no name any more once it is made, so it goes with its handle.
pub(super) struct Scratch {
    file: File,
    pairs: u64,
    bytes: Vec<u8>,
}

impl Scratch {
    /// An empty file in `folder`.
    pub fn create(folder: &Path) -> Result<Self, KindError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!(".sound-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = folder.join(name);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|file| fs::remove_file(&path).map(|()| file))
            .map_err(|error| refused(&error))?;
        Ok(Self { file, pairs: 0, bytes: Vec::new() })
    }

    /// How many pairs were written.
    pub fn len(&self) -> u64 {
        self.pairs
    }

    /// Writes at the end.
    pub fn append(&mut self, pairs: &[Pair]) -> Result<(), KindError> {
        self.bytes.clear();
        self.bytes.extend(pairs.as_flattened().iter().flat_map(|sample| sample.to_le_bytes()));
        self.file.write_all_at(&self.bytes, self.pairs * PAIR_BYTES as u64).map_err(|e| refused(&e))?;
        self.pairs += pairs.len() as u64;
        Ok(())
    }

    /// Fills `pairs` from the pair `at` on; all of them must have been written.
    pub fn read(&mut self, at: u64, pairs: &mut [Pair]) -> Result<(), KindError> {
        self.bytes.resize(pairs.len() * PAIR_BYTES, 0);
        self.file.read_exact_at(&mut self.bytes, at * PAIR_BYTES as u64).map_err(|e| refused(&e))?;
        for (sample, bytes) in pairs.as_flattened_mut().iter_mut().zip(self.bytes.as_chunks::<4>().0) {
            *sample = f32::from_le_bytes(*bytes);
        }
        Ok(())
    }

    /// Forgets what was written.
    pub fn rewind(&mut self) {
        self.pairs = 0;
    }
}

/// A full disk or a limit on file sizes: nothing that the input could mend, and no path told.
fn refused(error: &io::Error) -> KindError {
    KindError::retry("work_dir_unwritable", format!("the scratch file of the sound: {}", error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back_as_written_and_leave_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut scratch = Scratch::create(folder.path()).unwrap();
        scratch.append(&[[0.0, 1.0], [0.25, -0.5]]).unwrap();
        scratch.append(&[[f32::MIN_POSITIVE, 3.0]]).unwrap();
        let mut back = [[0.0; 2]; 2];
        scratch.read(1, &mut back).unwrap();
        assert_eq!((back, scratch.len()), ([[0.25, -0.5], [f32::MIN_POSITIVE, 3.0]], 3));
        assert!(scratch.read(2, &mut back).is_err(), "beyond the end");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
