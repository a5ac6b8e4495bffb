//! Where does an attempt keep its files? In a fresh directory that goes when the attempt has ended.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use uuid::Uuid;

use super::remove_tree::remove_tree;

/// The directories of one worker's attempts, in a folder of its own.
///
/// The folder is locked as long as the worker lives. Whoever finds such a folder unlocked may remove
/// it: its worker is dead.
#[derive(Debug)]
pub struct AttemptDirs {
    folder: PathBuf,
    _lock: File,
}

impl AttemptDirs {
    /// Removes what dead workers left under `base`, and makes a folder for this one.
    ///
    /// # Errors
    /// When `base` cannot be made, read or written.
    pub fn open(base: &Path) -> io::Result<Self> {
        fs::create_dir_all(base)?;
        // A child starts from another directory than this process.
        let base = fs::canonicalize(base)?;
        sweep(&base)?;
        loop {
            let folder = base.join(format!("worker-{}", Uuid::now_v7()));
            // Children walk through it to directories of their own, and cannot list it.
            DirBuilder::new().mode(0o711).create(&folder)?;
            let lock = File::open(&folder)?;
            // Another worker's sweep may have come in between, and then the folder is lost to it.
            if locked(&lock)? && lock.metadata()?.nlink() > 0 {
                return Ok(Self { folder, _lock: lock });
            }
        }
    }

    /// The folder itself, for files that no child sees.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A directory for one attempt, with `in/`, `out/` and `tmp/`, for the worker's user alone.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(&self) -> io::Result<AttemptDir> {
        let path = self.folder.join(Uuid::now_v7().to_string());
        let mut private = DirBuilder::new();
        private.mode(0o700).create(&path)?;
        let attempt = AttemptDir { path };
        private.create(attempt.path.join("out"))?;
        private.create(attempt.path.join("tmp"))?;
        // What is staged stays the worker's when the rest is handed to the child's user.
        DirBuilder::new().mode(0o755).create(attempt.path.join("in"))?;
        Ok(attempt)
    }
}

impl Drop for AttemptDirs {
    fn drop(&mut self) {
        remove_or_warn(&self.folder);
    }
}

/// Removes the folders of workers that are dead. A living worker's is locked.
fn sweep(base: &Path) -> io::Result<()> {
    for entry in fs::read_dir(base)? {
        let path = entry?.path();
        let named = path.file_name().and_then(|name| name.to_str());
        if !named.is_some_and(|name| name.starts_with("worker-")) {
            continue;
        }
        match File::open(&path) {
            Ok(folder) if locked(&folder)? => remove_or_warn(&path),
            Ok(_) => {}
            // Its own worker or another sweep was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn locked(folder: &File) -> io::Result<bool> {
    match flock(folder, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The work directory of one attempt, as the worker sees it. Removed when dropped.
#[derive(Debug)]
pub struct AttemptDir {
    path: PathBuf,
}

impl AttemptDir {
    /// Its place; the assignment's `work_dir`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the worker puts the `number`th staged file: relative for the assignment.
    #[must_use]
    pub fn staged(number: usize) -> PathBuf {
        PathBuf::from("in").join(number.to_string())
    }

    /// The same for what the kind's trusted half has read.
    #[must_use]
    pub fn surveyed(number: usize) -> PathBuf {
        PathBuf::from("in").join(format!("survey-{number}"))
    }

    /// Closes the staged files against change. Call it when all of them lie there.
    ///
    /// # Errors
    /// When a mode cannot be set.
    pub fn seal(&self) -> io::Result<()> {
        let folder = self.path.join("in");
        for entry in fs::read_dir(&folder)? {
            fs::set_permissions(entry?.path(), Permissions::from_mode(0o444))?;
        }
        fs::set_permissions(folder, Permissions::from_mode(0o555))
    }

    /// Removes the directory now and says if that failed. It can take a while: the child decides how
    /// much lies there.
    ///
    /// # Errors
    /// When something in it cannot be removed.
    pub fn remove(self) -> io::Result<()> {
        remove_tree(&self.path)
    }
}

impl Drop for AttemptDir {
    fn drop(&mut self) {
        remove_or_warn(&self.path);
    }
}

fn remove_or_warn(path: &Path) {
    if let Err(error) = remove_tree(path) {
        tracing::warn!(%error, path = %path.display(), "failed to remove a work directory");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_workers_leftovers_go_and_a_living_workers_stay() {
        let base = tempfile::tempdir().expect("a directory");
        let dead = base.path().join("worker-dead");
        fs::create_dir_all(dead.join("attempt/in")).expect("directories");
        fs::write(base.path().join("other"), "").expect("a file");
        let living = AttemptDirs::open(base.path()).expect("opens");
        let attempt = living.create().expect("an attempt");
        let _second = AttemptDirs::open(base.path()).expect("opens");
        assert!(!dead.exists());
        assert!(attempt.path().exists());
        assert!(base.path().join("other").exists());
    }

    #[test]
    fn an_attempt_leaves_nothing_behind_even_sealed() {
        let base = tempfile::tempdir().expect("a directory");
        let dirs = AttemptDirs::open(base.path()).expect("opens");
        let attempt = dirs.create().expect("an attempt");
        let staged = attempt.path().join(AttemptDir::staged(0));
        fs::write(&staged, "x").expect("a file");
        attempt.seal().expect("sealed");
        assert_eq!(fs::metadata(&staged).expect("there").permissions().mode() & 0o777, 0o444);
        let path = attempt.path().to_owned();
        drop(attempt);
        assert!(!path.exists());
        drop(dirs);
        assert_eq!(fs::read_dir(base.path()).expect("readable").count(), 0);
    }
}
