//! How is a file written that only its owner may read, and that is never half there?

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::DataDirError;

/// Writes `bytes` to `path`, mode 0600, by way of a file beside it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), DataDirError> {
    let partial = path.with_extension("part");
    let write = || -> io::Result<()> {
        // A leftover may have another mode, which opening it would not change.
        match fs::remove_file(&partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(DataDirError::io("write", path))
}
