//! What do worker and child say to each other? One JSON line down, many up.
//!
//! The child's first line is empty: it says that the process is linked and waits. After the assignment
//! come `started`, any number of `progress`, `log`, `checkpoint` and `artifact`, and one `done` or `failed`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sandbox::Sandbox;
use crate::document::DocumentHead;
use crate::job::Resources;

/// The one line that the worker writes to the child's standard input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Assignment {
    /// The kind to run.
    pub kind: String,
    /// The job's input, as it was submitted.
    pub input: Value,
    /// The operator's settings of the kind.
    pub settings: Value,
    /// The attempt's own directory, with `in/`, `out/` and `tmp/`.
    pub work_dir: PathBuf,
    /// Where each named file lies, relative to `work_dir`: `upload://…` to `in/0`.
    pub files: BTreeMap<String, PathBuf>,
    /// What those of them that were uploaded are called.
    #[serde(default)]
    pub file_names: BTreeMap<String, String>,
    /// What earlier attempts kept, relative to `work_dir`; `None` where the attempt keeps nothing.
    #[serde(default)]
    pub checkpoints: Option<PathBuf>,
    /// What the child may use.
    pub resources: Resources,
    /// Threads that the kind should compute with.
    pub parallelism: usize,
}

/// The line as it is written: the assignment, and the walls that the child is to build before it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub assignment: Assignment,
    pub sandbox: Sandbox,
}

/// A line that the child writes to its standard output.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Report {
    /// The sandbox stands and the kind begins.
    Started,
    /// How far the work is.
    Progress(Progress),
    /// Something worth keeping for the tenant.
    Log {
        /// `info` or `warn`.
        level: LogLevel,
        /// A sentence.
        message: String,
    },
    /// A checkpoint lies below `tmp/`, under its number: they are counted from 1.
    Checkpoint {
        /// Its number.
        number: u64,
    },
    /// A file under `out/` is finished and belongs to the result.
    Artifact {
        /// Its name and its path below `out/`.
        name: String,
        /// Its media type.
        media_type: String,
    },
    /// The passages of a document lie below `tmp/`, and this is what they are of. Of several, the last one counts.
    Document(DocumentHead),
    /// The kind returned.
    Done {
        /// The job's output.
        output: Value,
    },
    /// The kind refused or failed.
    Failed {
        /// A stable code.
        code: String,
        /// What was wrong.
        message: String,
        /// Whether another attempt could help.
        retryable: bool,
    },
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Between 0 and 1.
    pub fraction: f64,
    /// One word for the part of the work.
    pub stage: String,
    /// Some words for a person.
    pub message: String,
}

/// How loud a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// For the curious.
    Info,
    /// The result may not be what was wanted.
    Warn,
}
