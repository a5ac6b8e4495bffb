//! How does Postgres reach a directory below folders that it may not enter?
//!
//! Root runs Postgres as somebody else, who cannot walk through `/root` (mode 0700) to a data
//! directory that nevertheless is its own. So we open the directory and hand the descriptor down:
//! `/proc/self/fd/N` leads straight to it, in the server and in every process that the server forks.

use std::ffi::OsString;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::account::Account;
use super::error::PostgresError;

/// A name for a directory that holds in our child processes, as long as this value lives.
pub struct Reach {
    /// What to put behind `-D`.
    pub argument: OsString,
    _descriptor: Option<OwnedFd>,
}

impl Reach {
    /// Reaches `dir` from a process of `account`.
    pub fn of(dir: &Path, account: Option<Account>) -> Result<Self, PostgresError> {
        if account.is_none() {
            return Ok(Self { argument: dir.as_os_str().to_owned(), _descriptor: None });
        }
        // Without CLOEXEC, on purpose: the child inherits it. Only a root's own children could pick
        // it up besides, in the moment of the start, and it leads to files that root owns anyway.
        let descriptor = rustix::fs::open(dir, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())
            .map_err(|errno| PostgresError::io("open", dir)(errno.into()))?;
        let argument = format!("/proc/self/fd/{}", descriptor.as_raw_fd()).into();
        Ok(Self { argument, _descriptor: Some(descriptor) })
    }
}
