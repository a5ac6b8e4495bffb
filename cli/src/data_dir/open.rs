//! How is the folder taken into use? Made if missing, locked, and its version compared.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::{DataDirError, private_file};

/// The format that this version writes; raised when an older Esteira could not read it any more.
const FORMAT: u32 = 1;

/// A data folder that this process alone uses, as long as this value lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Opens the folder at `path`.
    ///
    /// # Errors
    /// When another process runs on it, it is of a newer version, or it is something else.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(DataDirError::io("create", path))?;
        let path = fs::canonicalize(path).map_err(DataDirError::io("open", path))?;
        let is_ours = path.join("version").exists();
        if !is_ours && !is_empty(&path)? {
            return Err(DataDirError::Foreign { path });
        }
        if !is_ours {
            // Keys and every tenant's files will lie below it.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700))
                .map_err(DataDirError::io("protect", &path))?;
        }
        let lock = lock(&path)?;
        check_version(&path)?;
        Ok(Self { path, _lock: lock })
    }

    /// The number of the process that runs on a folder, if one does.
    pub fn runner(path: &Path) -> Option<String> {
        let mut file = File::open(path.join("lock")).ok()?;
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Err(Errno::WOULDBLOCK) => {
                let mut pid = String::new();
                file.read_to_string(&mut pid).ok()?;
                Some(pid.trim().to_owned())
            }
            // The end of this function gives it back.
            _ => None,
        }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Empty, or with nothing but the lock of a first start that was killed at once.
fn is_empty(path: &Path) -> Result<bool, DataDirError> {
    let mut entries = fs::read_dir(path).map_err(DataDirError::io("read", path))?;
    Ok(entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == "lock")))
}

/// Takes the lock, which the kernel gives back when this process ends, however it ends.
fn lock(dir: &Path) -> Result<File, DataDirError> {
    let path = dir.join("lock");
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    let mut file = open.map_err(DataDirError::io("open", &path))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => {
            let mut pid = String::new();
            file.read_to_string(&mut pid).map_err(DataDirError::io("read", &path))?;
            return Err(DataDirError::Running { path: dir.to_owned(), pid: pid.trim().to_owned() });
        }
        Err(errno) => return Err(DataDirError::io("lock", path)(errno.into())),
    }
    let mut note = || -> io::Result<()> {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    note().map_err(DataDirError::io("write", path))?;
    Ok(file)
}

fn check_version(dir: &Path) -> Result<(), DataDirError> {
    let path = dir.join("version");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return private_file::write(&path, format!("{FORMAT}\n").as_bytes());
        }
        Err(error) => return Err(DataDirError::io("read", path)(error)),
    };
    match text.trim().parse::<u32>() {
        Ok(found) if found > FORMAT => {
            Err(DataDirError::Newer { path: dir.to_owned(), found, known: FORMAT })
        }
        Ok(_) => Ok(()),
        Err(error) => Err(DataDirError::Damaged { path, source: error.into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_used_by_one_process_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataDir::open(dir.path()).unwrap();
        let second = DataDir::open(dir.path()).unwrap_err();
        assert!(second.to_string().contains(&format!("process {}", std::process::id())), "{second}");
        assert_eq!(DataDir::runner(dir.path()), Some(std::process::id().to_string()));
        drop(first);
        assert_eq!(DataDir::runner(dir.path()), None);
        DataDir::open(dir.path()).unwrap();
    }

    #[test]
    fn a_newer_folder_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("version"), "7\n").unwrap();
        assert!(matches!(DataDir::open(dir.path()), Err(DataDirError::Newer { found: 7, known: 1, .. })));
    }

    #[test]
    fn a_folder_of_something_else_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("thesis.txt"), "years of work").unwrap();
        assert!(matches!(DataDir::open(dir.path()), Err(DataDirError::Foreign { .. })));
        assert!(!dir.path().join("lock").exists());
    }
}
