//! How does a child keep what it has done? A file for each, below `tmp/`, and a word to the worker; what earlier attempts
//! kept lies in one file below `in/`.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags, open, openat2, unlinkat};

use super::open_artifact::{BadArtifact, open_below};
use crate::checkpoint::{Index, head};

/// Where the worker puts what earlier attempts kept, in the attempt's directory.
pub(crate) const KEPT: &str = "in/checkpoints";
/// Where the child puts its own, below `tmp/`, each under its number.
const FOLDER: &str = "checkpoints";

/// What a child holds of its checkpoints.
pub(super) struct Checkpoints {
    folder: PathBuf,
    last: u64,
    kept: File,
    index: Index,
}

impl Checkpoints {
    /// Looks at what earlier attempts kept.
    pub fn open(root: &Path, kept: &Path) -> io::Result<Self> {
        let folder = root.join("tmp").join(FOLDER);
        fs::create_dir_all(&folder)?;
        let kept = File::open(kept)?;
        let (index, _) = Index::of(&kept, kept.metadata()?.len())?;
        Ok(Self { folder, last: 0, kept, index })
    }

    /// The keys of what earlier attempts kept, in the order in which they kept it.
    pub fn keys(&self) -> Vec<String> {
        self.index.in_order().into_iter().map(|(key, _)| key.to_owned()).collect()
    }

    /// What an earlier attempt kept under a key.
    pub fn read(&self, key: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(place) = self.index.get(key) else { return Ok(None) };
        let mut bytes = vec![0; usize::try_from(place.bytes).map_err(io::Error::other)?];
        self.kept.read_exact_at(&mut bytes, place.at + place.head)?;
        Ok(Some(bytes))
    }

    /// Writes one; gives the number to report.
    pub fn write(&mut self, key: &str, length: u64, bytes: &mut impl Read) -> io::Result<u64> {
        let number = self.last + 1;
        let mut file = File::create_new(self.folder.join(number.to_string()))?;
        file.write_all(&head(key, length))?;
        if io::copy(&mut bytes.take(length), &mut file)? != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.last = number;
        Ok(number)
    }
}

/// Opens what a child has reported under a number, as [`open_below`] does. The child may still run, and change it.
pub(crate) fn open_checkpoint(work_dir: &Path, number: u64) -> Result<File, BadArtifact> {
    open_below(work_dir, "tmp", &format!("{FOLDER}/{number}"))
}

/// Removes what was taken. What cannot be removed goes with the directory.
pub(crate) fn remove_checkpoint(work_dir: &Path, number: u64) {
    let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let within = ResolveFlags::BENEATH
        | ResolveFlags::NO_SYMLINKS
        | ResolveFlags::NO_MAGICLINKS
        | ResolveFlags::NO_XDEV;
    let removed = open(work_dir.join("tmp"), directory, Mode::empty())
        .and_then(|tmp| openat2(&tmp, FOLDER, directory, Mode::empty(), within))
        .and_then(|folder| unlinkat(&folder, number.to_string(), AtFlags::empty()));
    if let Err(error) = removed {
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "a checkpoint stays until the attempt ends"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn work_dir() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a directory");
        for folder in ["in", "tmp"] {
            fs::create_dir(dir.path().join(folder)).expect("a directory");
        }
        fs::write(dir.path().join(KEPT), "").expect("a file");
        dir
    }

    fn open_in(dir: &Path) -> Checkpoints {
        Checkpoints::open(dir, &dir.join(KEPT)).expect("opens")
    }

    #[test]
    fn what_one_attempt_writes_the_next_one_reads() {
        let first = work_dir();
        let mut writing = open_in(first.path());
        for (key, bytes) in [("page-1", "one"), ("state", "1"), ("page-2", ""), ("state", "2")] {
            writing.write(key, bytes.len() as u64, &mut bytes.as_bytes()).expect("written");
        }
        assert_eq!(writing.read("page-1").expect("read"), None, "only earlier attempts are read");
        // The files, one after the other, are the log.
        let log: Vec<u8> = (1..=4)
            .flat_map(|number| {
                let mut bytes = Vec::new();
                let mut file = open_checkpoint(first.path(), number).expect("opens");
                file.read_to_end(&mut bytes).expect("read");
                bytes
            })
            .collect();
        let next = work_dir();
        fs::write(next.path().join(KEPT), log).expect("a file");
        let reading = open_in(next.path());
        assert_eq!(reading.keys(), ["page-1", "page-2", "state"]);
        assert_eq!(reading.read("state").expect("read"), Some(b"2".to_vec()));
        assert_eq!(reading.read("page-2").expect("read"), Some(Vec::new()));
        assert_eq!(reading.read("page-3").expect("read"), None);
    }

    #[test]
    fn a_reader_that_has_less_than_it_said_is_an_error() {
        let dir = work_dir();
        assert!(open_in(dir.path()).write("key", 5, &mut &b"four"[..]).is_err());
    }

    #[test]
    fn what_was_taken_is_removed_and_nothing_that_a_link_leads_to() {
        let dir = work_dir();
        open_in(dir.path()).write("key", 1, &mut &b"a"[..]).expect("written");
        remove_checkpoint(dir.path(), 1);
        assert!(open_checkpoint(dir.path(), 1).is_err());
        let elsewhere = tempfile::tempdir().expect("a directory");
        fs::write(elsewhere.path().join("2"), "secret").expect("a file");
        fs::remove_dir(dir.path().join("tmp/checkpoints")).expect("empty");
        symlink(elsewhere.path(), dir.path().join("tmp/checkpoints")).expect("a link");
        assert!(open_checkpoint(dir.path(), 2).is_err());
        remove_checkpoint(dir.path(), 2);
        assert!(elsewhere.path().join("2").exists());
    }
}
