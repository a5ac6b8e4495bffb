//! As whom does Postgres run? As ourselves, and as the user `postgres` where we are root, which Postgres refuses.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;

use anyhow::{Context, Result};
use tokio::process::Command;

/// A user and its group.
#[derive(Debug, Clone, Copy)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
}

impl User {
    /// The account of the servers; `None` for our own.
    pub fn of_postgres() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = fs::read_to_string("/etc/passwd")?;
        let of_line = |line: &str| {
            let fields: Vec<&str> = line.split(':').collect();
            match fields.as_slice() {
                ["postgres", _, uid, gid, ..] => {
                    Some(Self { uid: uid.parse().ok()?, gid: gid.parse().ok()? })
                }
                _ => None,
            }
        };
        passwd
            .lines()
            .find_map(of_line)
            .map(Some)
            .context("there is no user postgres for the server to run as")
    }

    /// Gives a folder to it.
    pub fn own(user: Option<Self>, path: &Path) -> Result<()> {
        if let Some(Self { uid, gid }) = user {
            chown(path, Some(uid), Some(gid))
                .with_context(|| format!("failed to hand {} over", path.display()))?;
        }
        Ok(())
    }

    /// Makes a command run as it.
    pub fn run(user: Option<Self>, command: &mut Command) {
        if let Some(Self { uid, gid }) = user {
            command.uid(uid).gid(gid);
        }
    }
}
