//! Where does the worker gather checkpoints? In a file without a name on its own disk, which no child can reach.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::index::Index;
use super::record::{Place, head, record_at};
use super::{CheckpointOptions, segment::SEGMENT_BYTES};

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is in the log.
    Kept,
    /// The job has as many, or as much, as it may.
    Full,
    /// It is none.
    Unreadable,
}

/// The checkpoints of one attempt, those of earlier ones included.
#[derive(Debug)]
pub(crate) struct Log {
    folder: PathBuf,
    file: Arc<File>,
    end: u64,
    index: Index,
    limits: CheckpointOptions,
    rewritten: bool,
}

impl Log {
    /// An empty one, in a folder that is the worker's.
    pub fn new(folder: &Path, limits: CheckpointOptions) -> io::Result<Self> {
        let file = Arc::new(tempfile::tempfile_in(folder)?);
        Ok(Self {
            folder: folder.to_owned(),
            file,
            end: 0,
            index: Index::default(),
            limits,
            rewritten: false,
        })
    }

    /// Adds a piece of an earlier attempt's log; call [`Self::read_restored`] after the last one.
    pub fn restore(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all_at(piece, self.end)?;
        self.end += piece.len() as u64;
        Ok(())
    }

    /// Reads what was restored; `false` when the end of it was no whole record, and is left out.
    pub fn read_restored(&mut self) -> io::Result<bool> {
        let restored = self.end;
        (self.index, self.end) = Index::of(&self.file, restored)?;
        Ok(self.end == restored)
    }

    /// Adds the one record that a file holds. Whoever wrote the file may still change it: what is kept is as long as it
    /// was when it was looked at, or nothing.
    pub fn take(&mut self, mut source: File) -> io::Result<Taken> {
        let length = source.metadata()?.len();
        let Some((key, place)) = record_at(&source, 0, length)?.filter(|(_, place)| place.length() == length)
        else {
            return Ok(Taken::Unreadable);
        };
        let (count, bytes) = self.index.with(&key, length);
        if count > self.limits.count || bytes > self.limits.bytes {
            return Ok(Taken::Full);
        }
        self.file.write_all_at(&head(&key, place.bytes), self.end)?;
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(self.end + place.head))?;
        source.seek(SeekFrom::Start(place.head))?;
        if io::copy(&mut source.take(place.bytes), &mut file)? != place.bytes {
            return Ok(Taken::Unreadable);
        }
        self.index.put(key, Place { at: self.end, ..place });
        self.end += length;
        Ok(Taken::Kept)
    }

    /// Whether most of it are records that newer ones have replaced.
    pub fn is_wasteful(&self) -> bool {
        self.end - self.index.bytes() > self.index.bytes().max(SEGMENT_BYTES)
    }

    /// Leaves out what newer records have replaced; pieces of before fit no longer.
    pub fn rewrite(&mut self) -> io::Result<()> {
        let mut file = tempfile::tempfile_in(&self.folder)?;
        self.copy_newest(&mut file)?;
        (self.index, self.end) = Index::of(&file, self.index.bytes())?;
        self.file = Arc::new(file);
        self.rewritten = true;
        Ok(())
    }

    /// Whether it was rewritten since this was last asked.
    pub fn was_rewritten(&mut self) -> bool {
        std::mem::take(&mut self.rewritten)
    }

    /// Copies the newest record of each key.
    pub fn copy_newest(&self, to: &mut impl Write) -> io::Result<()> {
        for (_, place) in self.index.in_order() {
            let mut file = &*self.file;
            file.seek(SeekFrom::Start(place.at))?;
            let copied = io::copy(&mut file.take(place.length()), to)?;
            if copied != place.length() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// The file, to be read up to [`Self::end`].
    pub fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Where the next record will begin.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// How many keys it has.
    pub fn count(&self) -> usize {
        self.index.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(bytes: u64, count: usize) -> (Log, tempfile::TempDir) {
        let dir = tempfile::tempdir().expect("a directory");
        let limits = CheckpointOptions { bytes, count, ..CheckpointOptions::default() };
        (Log::new(dir.path(), limits).expect("a log"), dir)
    }

    fn source(record: &[u8]) -> File {
        let file = tempfile::tempfile().expect("a file");
        file.write_all_at(record, 0).expect("written");
        file
    }

    fn add(log: &mut Log, key: &str, bytes: &[u8]) -> Taken {
        let record = [head(key, bytes.len() as u64), bytes.to_vec()].concat();
        log.take(source(&record)).expect("taken")
    }

    fn whole(log: &Log) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(log.end()).expect("small")];
        log.file().read_exact_at(&mut bytes, 0).expect("read");
        bytes
    }

    fn newest(log: &Log, key: &str) -> Option<Vec<u8>> {
        let place = log.index.get(key)?;
        let mut bytes = vec![0; usize::try_from(place.bytes).expect("small")];
        log.file().read_exact_at(&mut bytes, place.at + place.head).expect("read");
        Some(bytes)
    }

    #[test]
    fn the_newest_of_a_key_is_found_after_a_restore() {
        let (mut first, _dir) = log(1000, 10);
        for (key, bytes) in [("a", "one"), ("b", "two"), ("a", "three")] {
            assert_eq!(add(&mut first, key, bytes.as_bytes()), Taken::Kept);
        }
        let (mut next, _dir) = log(1000, 10);
        let bytes = whole(&first);
        let (front, back) = bytes.split_at(17);
        next.restore(front).and_then(|()| next.restore(back)).expect("restored");
        assert!(next.read_restored().expect("read"));
        assert_eq!((newest(&next, "a"), next.count()), (Some(b"three".to_vec()), 2));
    }

    #[test]
    fn a_log_that_broke_off_keeps_its_beginning() {
        let (mut first, _dir) = log(1000, 10);
        add(&mut first, "a", b"one");
        add(&mut first, "b", b"two");
        let bytes = whole(&first);
        let (mut next, _dir) = log(1000, 10);
        next.restore(bytes.get(..bytes.len() - 1).expect("long enough")).expect("restored");
        assert!(!next.read_restored().expect("read"));
        assert_eq!((newest(&next, "a"), newest(&next, "b")), (Some(b"one".to_vec()), None));
        assert_eq!(add(&mut next, "b", b"new"), Taken::Kept);
        assert_eq!(newest(&next, "b"), Some(b"new".to_vec()));
    }

    #[test]
    fn limits_count_the_newest_of_each_key() {
        let (mut log, _dir) = log(32, 2);
        for _ in 0..5 {
            assert_eq!(add(&mut log, "a", &[0; 10]), Taken::Kept);
        }
        assert_eq!(add(&mut log, "b", &[]), Taken::Kept);
        for (key, bytes) in [("c", vec![]), ("a", vec![0; 20]), ("a", vec![0; 100])] {
            assert_eq!(add(&mut log, key, &bytes), Taken::Full, "{key}");
        }
        assert_eq!(newest(&log, "a"), Some(vec![0; 10]));
    }

    #[test]
    fn what_is_not_one_record_is_refused_and_changes_nothing() {
        let (mut log, _dir) = log(1000, 10);
        add(&mut log, "a", b"one");
        let before = whole(&log);
        for bytes in [vec![], vec![0; 50], head("b", 9), [head("b", 1), vec![1, 2]].concat()] {
            assert_eq!(log.take(source(&bytes)).expect("looked at"), Taken::Unreadable);
        }
        assert_eq!(whole(&log), before);
    }

    #[test]
    fn what_was_replaced_goes_with_a_rewrite() {
        let (mut log, _dir) = log(1 << 30, 10);
        add(&mut log, "kept", b"kept");
        let large = vec![7; 1 << 20];
        while !log.is_wasteful() {
            add(&mut log, "state", &large);
        }
        log.rewrite().expect("rewritten");
        assert_eq!((log.was_rewritten(), log.was_rewritten(), log.is_wasteful()), (true, false, false));
        assert_eq!(log.end(), log.index.bytes());
        assert_eq!((newest(&log, "kept"), newest(&log, "state")), (Some(b"kept".to_vec()), Some(large)));
        assert_eq!(add(&mut log, "more", b"more"), Taken::Kept);
        assert_eq!(newest(&log, "more"), Some(b"more".to_vec()));
    }
}
