//! Which disk can be full? A small one in memory, mounted for one folder, where root may mount.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tokio::process::Command;

use super::user::User;

const FILLER: &str = "filler";

/// A mounted disk; without root just a folder, which is never full.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    is_mounted: bool,
}

impl Disk {
    /// A disk of so many MiB at `path`, for that user.
    pub async fn mount(path: &Path, mib: u32, owner: Option<User>) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("failed to make {}", path.display()))?;
        let mut disk = Self { path: path.to_owned(), is_mounted: false };
        if rustix::process::geteuid().is_root() {
            let mut options = format!("size={mib}m,mode=0711");
            if let Some(User { uid, gid }) = owner {
                options += &format!(",uid={uid},gid={gid}");
            }
            let mount =
                Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(path).output();
            disk.is_mounted = mount.await?.status.success();
        }
        Ok(disk)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it can be full at all.
    pub fn is_mounted(&self) -> bool {
        self.is_mounted
    }

    /// Leaves no room.
    pub fn fill(&self) -> io::Result<()> {
        ensure_mounted(self.is_mounted)?;
        let mut filler = OpenOptions::new().create(true).append(true).open(self.path.join(FILLER))?;
        let zeros = vec![0; 64 << 10];
        let mut piece = zeros.as_slice();
        while !piece.is_empty() {
            match filler.write(piece) {
                Ok(_) => {}
                // Smaller pieces find the last room.
                Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                    piece = piece.get(..piece.len() / 2).unwrap_or_default();
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Gives the room back.
    pub fn free(&self) -> io::Result<()> {
        match fs::remove_file(self.path.join(FILLER)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            // Lazily, since a process that was killed a moment ago may not be gone yet. Nobody is left to be told
            // when it fails; the folder is then in the way of its own removal, which is told.
            let _unmounted = std::process::Command::new("umount").arg("--lazy").arg(&self.path).status();
        }
    }
}

/// A folder of the machine's own disk is never filled.
fn ensure_mounted(is_mounted: bool) -> io::Result<()> {
    if is_mounted { Ok(()) } else { Err(io::ErrorKind::Unsupported.into()) }
}
