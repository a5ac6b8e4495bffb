//! Why did the embedded Postgres not start?

use std::io;
use std::path::PathBuf;

use super::binaries::BinariesError;

/// The embedded Postgres could not be started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No server fit for the cluster is installed.
    #[error(transparent)]
    Binaries(#[from] BinariesError),
    /// The cluster's files belong to somebody else.
    #[error("{} belongs to user id {owner}, and this process is {me}: run as that user, or as root", path.display())]
    ForeignOwner {
        /// The cluster's directory.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who asked.
        me: u32,
    },
    /// Root cannot run Postgres, and no unprivileged account exists.
    #[error(
        "found neither a user `postgres` nor `nobody` to run Postgres as: root cannot run it; add one by `useradd --system postgres`"
    )]
    NoAccount,
    /// A file or process call failed.
    #[error("failed to {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The password file does not hold what was written there.
    #[error("{} is damaged; remove it together with the cluster beside it to begin anew", path.display())]
    BadSecrets {
        /// The password file.
        path: PathBuf,
        /// Where it is damaged.
        source: serde_json::Error,
    },
    /// The random number source of the system failed.
    #[error("failed to draw a random password: {0}")]
    Random(getrandom::Error),
    /// A program of Postgres ended with an error.
    #[error("{program} failed ({status}): {output}")]
    Program {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// How it ended.
        status: std::process::ExitStatus,
        /// The end of what it said.
        output: String,
    },
    /// The server ended before it was ready.
    #[error("Postgres ended while starting ({status}); the end of {}:\n{log}", path.display())]
    EndedEarly {
        /// How it ended.
        status: std::process::ExitStatus,
        /// The log file.
        path: PathBuf,
        /// Its end.
        log: String,
    },
    /// The server did not become ready in time.
    #[error("Postgres was not ready after {seconds} s; see {}", path.display())]
    NotReady {
        /// How long was waited.
        seconds: u64,
        /// The log file.
        path: PathBuf,
    },
    /// A server of an earlier life could not be stopped.
    #[error(
        "process {pid}, a Postgres that an earlier run left on this directory, does not stop; end it by hand"
    )]
    OrphanStays {
        /// Its process id.
        pid: i32,
    },
}

impl PostgresError {
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
