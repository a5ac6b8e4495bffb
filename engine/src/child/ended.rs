//! How can an attempt's child end, and what does each ending mean for the job?

use std::time::Duration;

use serde_json::Value;

use crate::document::DocumentHead;
use crate::job::KindError;

/// Everything that is known when the child has ended.
#[derive(Debug)]
pub struct Ending {
    /// Which ending it was.
    pub ended: Ended,
    /// What the child used.
    pub usage: Usage,
    /// The last bytes of its standard error, for the operator's log and never for a tenant.
    pub stderr: String,
}

/// What a child used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// From the call of `supervise` to the child's end.
    pub wall: Duration,
    /// Processor time over all threads.
    pub cpu: Duration,
    /// The most memory held at once.
    pub peak_rss_bytes: u64,
}

/// A file under `out/` that belongs to the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactNote {
    /// Its name, and its path below `out/`; checked.
    pub name: String,
    /// Its media type; checked for form.
    pub media_type: String,
}

/// The endings. Every child has exactly one.
#[derive(Debug)]
pub enum Ended {
    /// The kind returned its output, and the process left in order.
    Done {
        /// The job's output.
        output: Value,
        /// What it declared under `out/`, in that order.
        artifacts: Vec<ArtifactNote>,
        /// The document that it read, to be searched; checked.
        document: Option<DocumentHead>,
    },
    /// The kind refused or failed, in its own words.
    Failed(KindError),
    /// The worker was asked to stop it: a cancel, a shutdown, a lost lease. Only the worker knows which.
    Cancelled,
    /// It ran longer than one attempt may.
    DeadlineExceeded(Duration),
    /// It reported no progress for so long.
    Stalled(Duration),
    /// A signal ended it that neither the worker nor a limit sent.
    Crashed {
        /// The signal's number.
        signal: i32,
    },
    /// It left without a result.
    Vanished {
        /// Its exit code.
        exit_code: i32,
    },
    /// The kernel ended it at a limit of its kind.
    LimitHit(Limit),
    /// Memory was refused to it, or the kernel ended it to get memory back.
    OutOfMemory {
        /// Whether it was the machine's memory that ran out, rather than the kind's limit.
        machine: bool,
    },
    /// It made a system call that only an intruder makes.
    SandboxViolation,
    /// It said something that is no report, or too much.
    BadChild(BadChild),
    /// It ended, or failed to get its assignment, before the sandbox stood: no fault of the job.
    NotStarted(String),
}

/// A limit that ends the process when it is hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Seconds of processor time.
    CpuSeconds(u64),
    /// Bytes of one file.
    FileBytes(u64),
}

/// What was wrong with what the child said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadChild {
    /// A line grew past the limit.
    #[error("it wrote a line that is too long")]
    LongLine,
    /// More lines than any job needs.
    #[error("it wrote too many lines")]
    ManyLines,
    /// A line that is no report.
    #[error("it wrote a line that is no report")]
    NoReport,
    /// A report at a time when it cannot be.
    #[error("it reported out of order")]
    OutOfOrder,
    /// A name that could lead out of its directory.
    #[error("it named an artifact as no artifact can be named")]
    ArtifactName,
    /// What it said of its document cannot be.
    #[error("it told of a document that cannot be: {0}")]
    Document(&'static str),
    /// More artifacts than any job makes.
    #[error("it declared too many artifacts")]
    ManyArtifacts,
}

/// What an ending means for the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// `error.code`.
    pub code: String,
    /// `error.message`: fit for the tenant.
    pub message: String,
    /// Whether another attempt could end otherwise.
    pub retryable: bool,
    /// Whether it counts towards the crashes after which a job is given up as `crashed`.
    pub crash: bool,
}

impl Ended {
    /// The error that a job shows for this ending; `None` for a success.
    ///
    /// A limit that the same input would hit again is not worth another attempt. Crashes are tried
    /// again, few times: some come from the machine.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let (code, message, retryable, crash) = match self {
            Self::Done { .. } => return None,
            Self::Failed(error) => {
                let panicked = error.code == PANICKED;
                (error.code.as_str(), error.message.clone(), error.retryable, panicked)
            }
            Self::Cancelled => ("cancelled", "stopped on request".to_owned(), false, false),
            Self::DeadlineExceeded(after) => {
                ("timeout", format!("the attempt took longer than {} s", after.as_secs_f64()), true, false)
            }
            Self::Stalled(after) => {
                ("stalled", format!("no progress for {} s", after.as_secs_f64()), true, false)
            }
            Self::Crashed { signal } => {
                ("crashed", format!("the process was ended by {}", signal_name(*signal)), true, true)
            }
            Self::Vanished { exit_code } => {
                ("crashed", format!("the process ended without a result, exit code {exit_code}"), true, true)
            }
            Self::LimitHit(Limit::CpuSeconds(seconds)) => {
                ("cpu_limit", format!("used more than {seconds} s of processor time"), false, false)
            }
            Self::LimitHit(Limit::FileBytes(bytes)) => {
                ("file_size_limit", format!("wrote a file of more than {bytes} bytes"), false, false)
            }
            Self::OutOfMemory { machine: false } => {
                ("out_of_memory", "needed more memory than its kind may use".to_owned(), false, false)
            }
            Self::OutOfMemory { machine: true } => {
                ("out_of_memory", "the machine ran out of memory".to_owned(), true, false)
            }
            Self::SandboxViolation => {
                ("sandbox_violation", "tried what no job may do, and was stopped".to_owned(), false, true)
            }
            Self::BadChild(fault) => ("bad_child", format!("the process misbehaved: {fault}"), true, true),
            Self::NotStarted(reason) => {
                ("not_started", format!("the process did not start: {reason}"), true, false)
            }
        };
        Some(Verdict { code: code.to_owned(), message, retryable, crash })
    }
}

/// The code of a kind that panicked.
pub(super) const PANICKED: &str = "panicked";

fn signal_name(signal: i32) -> String {
    match signal {
        libc::SIGABRT => "SIGABRT, an abort".to_owned(),
        libc::SIGSEGV => "SIGSEGV, a bad memory access".to_owned(),
        libc::SIGBUS => "SIGBUS, a bad memory access".to_owned(),
        libc::SIGILL => "SIGILL, a bad instruction".to_owned(),
        libc::SIGFPE => "SIGFPE, a bad calculation".to_owned(),
        libc::SIGKILL => "SIGKILL".to_owned(),
        libc::SIGTERM => "SIGTERM".to_owned(),
        other => format!("signal {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(ended: &Ended) -> Option<String> {
        ended.verdict().map(|verdict| verdict.code)
    }

    #[test]
    fn crash_limit_memory_and_error_have_codes_of_their_own() {
        let endings = [
            Ended::Crashed { signal: libc::SIGSEGV },
            Ended::LimitHit(Limit::CpuSeconds(1)),
            Ended::LimitHit(Limit::FileBytes(1)),
            Ended::OutOfMemory { machine: false },
            Ended::Failed(KindError::fail("bad_image", "clip 1 is no picture")),
            Ended::Stalled(Duration::from_secs(1)),
            Ended::DeadlineExceeded(Duration::from_secs(1)),
            Ended::Cancelled,
            Ended::SandboxViolation,
            Ended::BadChild(BadChild::NoReport),
        ];
        let codes: std::collections::BTreeSet<_> = endings.iter().filter_map(code).collect();
        assert_eq!(codes.len(), endings.len());
    }

    #[test]
    fn an_error_of_the_kind_keeps_its_words() {
        let error = KindError::retry("busy", "try later");
        let verdict = Ended::Failed(error).verdict().expect("an error");
        assert_eq!((verdict.code.as_str(), verdict.retryable, verdict.crash), ("busy", true, false));
    }

    #[test]
    fn a_success_has_no_verdict() {
        assert!(
            Ended::Done { output: Value::Null, artifacts: Vec::new(), document: None }.verdict().is_none()
        );
    }
}
