//! What is a kind of work? A pure function of a payload and a work directory, with its manual.
//!
//! A kind never sees Postgres, S3 or HTTP. [`Kind::check`] runs in the API, before a job is written;
//! [`Kind::run`] runs in a sandboxed child process, with the input files already in its directory.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FileUri, Prepare, RetryPolicy};
use crate::child::WorkDir;
use crate::snapshot::Snapshot;

/// A kind of work, as the engine knows it.
///
/// Implementations hold no state: everything that an operator may set arrives as `settings`, the
/// JSON object that [`KindInfo::settings`] describes, with the operator's values laid over it.
pub trait Kind: Send + Sync + 'static {
    /// Name, manual, schemas and defaults. Called once, when the catalog is made.
    fn info(&self) -> KindInfo;

    /// Checks an input before a job is written: pure, quick, without the files themselves.
    ///
    /// # Errors
    /// Every fault that the input alone shows, each with the pointer to its place.
    fn check(&self, input: &Value, settings: &Value) -> Result<CheckedInput, Vec<InputError>>;

    /// What a job with this input, which was checked, would cost; asked where somebody wants to know before a submit.
    fn estimate(&self, _input: &Value, _settings: &Value) -> Estimate {
        Estimate::default()
    }

    /// Looks at the operator's settings once, when the process starts.
    ///
    /// # Errors
    /// What is wrong with them, for the operator.
    fn check_settings(&self, settings: &Value) -> Result<(), String>;

    /// Does the work, in the child. Files are read from and written to `work` alone. What comes back is the job's
    /// output; its field `usage`, if there is one, counts for the tenant's usage: `media_seconds` and `pages`.
    ///
    /// # Errors
    /// A [`KindError`] says whether another attempt could help.
    fn run(&self, input: &Value, settings: &Value, work: &mut WorkDir) -> Result<Value, KindError>;

    /// The version of the checkpoints that [`Kind::run`] keeps, for a kind that keeps any. Another version of the program,
    /// whose checkpoints mean something else, says another one: it finds none of those that this one has kept.
    fn checkpoint_version(&self) -> Option<&'static str> {
        None
    }

    /// What a child reads besides its own files, where the operator's settings name it: folders of models and the like.
    fn reads(&self, _settings: &Value) -> Vec<PathBuf> {
        Vec::new()
    }

    /// The half that asks a service before [`Kind::run`], for a kind some of whose jobs one works for.
    fn prepare(&self) -> Option<&dyn Prepare> {
        None
    }

    /// The work itself, for a kind that calls a service instead of reading files: it runs in the worker, and
    /// [`Kind::run`] is never called.
    fn in_worker(&self) -> Option<&dyn InWorker> {
        None
    }

    /// The trusted half, for a kind whose work is made of the tenant's own rows: what it gives is staged beside the files
    /// that the input names.
    fn survey(&self) -> Option<&dyn Survey> {
        None
    }
}

/// Work that is done inside the worker process before the child begins: it reads the tenant's rows, which a child could
/// not, and leaves all else to it. It must not parse what a tenant uploaded.
#[async_trait]
pub trait Survey: Send + Sync {
    /// Reads what [`Kind::run`] needs. Dropped where it is when the job is cancelled or its time is over.
    ///
    /// # Errors
    /// A [`KindError`] says whether another attempt could help.
    async fn survey(
        &self,
        input: &Value,
        settings: &Value,
        rows: &mut Snapshot,
    ) -> Result<Vec<Surveyed>, KindError>;
}

/// A file of what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surveyed {
    /// The name by which [`WorkDir::file`] finds it: `survey://…`, which no input can name.
    pub name: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Work that is done inside the worker process, without a child and without a sandbox: for calls to a service,
/// which a child could not make. It must neither parse what a tenant uploaded nor block its thread, and
/// checks its input itself.
#[async_trait]
pub trait InWorker: Send + Sync {
    /// Goes on with the work. Dropped where it is when the job is cancelled or its time is over.
    ///
    /// # Errors
    /// A [`KindError`] says whether another attempt could help.
    async fn run(&self, input: &Value, settings: &Value) -> Result<Step, KindError>;
}

/// How far work in the worker came.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// It is done; this is the output.
    Done(Value),
    /// Somebody else is working on it: the job gives its slot back, and runs again after this time. Not an
    /// attempt that counts.
    Snooze(Duration),
}

/// The manual of a kind: what `GET /v1/kinds/{kind}` shows and what the engine needs to run it.
#[derive(Debug, Clone, Serialize)]
pub struct KindInfo {
    /// The stable name, `noun.verb`.
    pub name: &'static str,
    /// A few words for a heading.
    pub title: &'static str,
    /// Some sentences for somebody who has never used it, in Markdown.
    pub description: &'static str,
    /// JSON Schema (2020-12) of `input`.
    pub input_schema: Value,
    /// JSON Schema (2020-12) of `output`.
    pub output_schema: Value,
    /// An input that runs as it stands, once its `upload://` names are replaced by real ones.
    pub example: Value,
    /// The operator's settings of this kind with their defaults: a JSON object.
    pub settings: Value,
    /// JSON Schema of `settings`, whose descriptions are the operator's manual.
    pub settings_schema: Value,
    /// How long and how often a job of this kind runs where the submit does not say.
    pub defaults: KindDefaults,
    /// What the child may use.
    pub resources: Resources,
}

/// Defaults of a job that its submit may override.
#[derive(Debug, Clone, Serialize)]
pub struct KindDefaults {
    /// Attempts before the job ends `failed`.
    pub max_attempts: u16,
    /// Wall-clock limit of one attempt.
    #[serde(rename = "timeout_seconds", serialize_with = "as_seconds")]
    pub timeout: Duration,
    /// An attempt that reports nothing for this long is killed and tried again.
    #[serde(rename = "stall_seconds", serialize_with = "as_seconds")]
    pub stall: Duration,
    /// How attempts are spaced.
    pub retry: RetryPolicy,
}

fn as_seconds<S: serde::Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(value.as_secs())
}

/// What one child of the kind may use; the operator's settings can lower or raise each.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Resources {
    /// Address space in bytes (`RLIMIT_AS` counts mappings, so it is set above the wanted peak).
    pub memory_bytes: u64,
    /// CPU seconds over all threads.
    pub cpu_seconds: u64,
    /// Largest file that may be written, in bytes.
    pub file_bytes: u64,
    /// Open descriptors.
    pub open_files: u64,
    /// Threads of the child.
    pub threads: u64,
    /// Directories that may be read besides the work directory and the system's libraries and fonts.
    pub read_only: Vec<PathBuf>,
}

/// What [`Kind::check`] found out about a good input.
#[derive(Debug, Clone, Default)]
pub struct CheckedInput {
    /// The files that the input names; the engine stages each before the child starts.
    pub files: Vec<FileReference>,
    /// Things that will work, and may not be meant.
    pub warnings: Vec<String>,
}

/// What a job would cost, as far as its input alone tells; what a kind cannot tell is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Estimate {
    /// CPU seconds of one attempt, over all threads.
    pub cpu_seconds: Option<f64>,
    /// Seconds that what it makes will last, as those of a video.
    pub output_seconds: Option<f64>,
    /// What the estimate leaves out.
    pub warnings: Vec<String>,
}

/// A file named inside an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReference {
    /// JSON pointer below `input`, e.g. `/tracks/0/clips/0/source`.
    pub pointer: String,
    /// What it names.
    pub uri: FileUri,
}

/// A fault of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputError {
    /// JSON pointer below `input`, e.g. `/tracks/0/clips/0/length`; empty for the whole.
    pub pointer: String,
    /// What is wrong, for the person who wrote the input.
    pub message: String,
}

impl InputError {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}

/// Why a run failed, in words fit for the tenant: never a path of the host.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {message}")]
pub struct KindError {
    /// A stable code in `snake_case`, listed in the kind's documentation.
    pub code: String,
    /// What was wrong: the clip, page, second or field.
    pub message: String,
    /// Whether another attempt could end otherwise.
    pub retryable: bool,
}

impl KindError {
    /// The input is at fault: no attempt could succeed.
    pub fn fail(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), retryable: false }
    }

    /// Something passing went wrong: try again later.
    pub fn retry(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), retryable: true }
    }
}
