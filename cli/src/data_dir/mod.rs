//! What lies in the folder of `esteira up`? Everything that must outlive it.
//!
//! ```text
//! version          format of the folder
//! lock             held by the running process, which writes its number into it
//! secrets.json     keys that were drawn at the first start (0600)
//! esteira.json     how to reach the running server (0600); there while it is ready
//! postgres/        the cluster, with postgres.json and postgres.log beside it
//! s3/              the objects
//! work/            work directories of attempts
//! ```

mod connection;
mod open;
mod private_file;
mod secrets;

use std::io;
use std::path::{Path, PathBuf};

use crate::environment::variable;
pub use connection::Connection;
pub use open::DataDir;
pub use secrets::Secrets;

/// Where `up` keeps its data, and the client looks for it, when nobody says otherwise.
pub const USUAL: &str = ".esteira";

/// The folder that an option names, else the environment, else the usual one.
pub fn chosen(option: Option<&Path>) -> PathBuf {
    option
        .map(Path::to_owned)
        .or_else(|| variable("ESTEIRA_DATA_DIR").map(PathBuf::from))
        .unwrap_or_else(|| USUAL.into())
}

/// The data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process holds the lock.
    #[error("another Esteira (process {pid}) runs on {}", path.display())]
    Running {
        /// The folder.
        path: PathBuf,
        /// Who runs.
        pid: String,
    },
    /// A newer version wrote the folder.
    #[error("{} was written by a newer Esteira (format {found}; this one knows {known}): use that version", path.display())]
    Newer {
        /// The folder.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// The folder holds something else.
    #[error("{} is neither empty nor a folder of Esteira; choose another with --data-dir", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the folder does not hold what was written there.
    #[error("{} is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No random numbers.
    #[error("failed to draw a random key: {0}")]
    Random(getrandom::Error),
    /// A call of the operating system failed.
    #[error("failed to {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl DataDirError {
    fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
