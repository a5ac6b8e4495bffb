//! Why did the child end? A pure decision over what it said, how it left and what the worker did.

use std::time::Duration;

use super::ended::{BadChild, Ended, Limit};
use super::inside::EXIT_OUT_OF_MEMORY;
use super::sys::Exit;
use super::transcript::Transcript;
use crate::job::Resources;

/// Why the worker ended the child. The first reason counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Cancelled,
    Deadline(Duration),
    Stall(Duration),
    Bad(BadChild),
    /// It said its last word and did not leave.
    Lingering,
}

/// The worker's own part in the ending.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Circumstances {
    /// Whether and why the worker ended it.
    pub stop: Option<Stop>,
    /// Whether the kernel ended processes for memory while the child ran.
    pub machine_out_of_memory: bool,
}

/// Names the ending.
pub(super) fn diagnose(
    transcript: Transcript,
    exit: Exit,
    circumstances: Circumstances,
    limits: &Resources,
) -> Ended {
    match circumstances.stop {
        Some(Stop::Cancelled) => return Ended::Cancelled,
        Some(Stop::Deadline(after)) => return Ended::DeadlineExceeded(after),
        Some(Stop::Stall(after)) => return Ended::Stalled(after),
        Some(Stop::Bad(fault)) => return Ended::BadChild(fault),
        Some(Stop::Lingering) | None => {}
    }
    let in_order = exit.code == Some(0) || circumstances.stop == Some(Stop::Lingering);
    match transcript.result {
        Some(result) if in_order => match result {
            Ok(output) => {
                Ended::Done { output, artifacts: transcript.artifacts, document: transcript.document }
            }
            Err(error) => Ended::Failed(error),
        },
        _ => without_result(transcript.started, exit, circumstances.machine_out_of_memory, limits),
    }
}

fn without_result(started: bool, exit: Exit, machine_out_of_memory: bool, limits: &Resources) -> Ended {
    match (exit.signal, exit.code) {
        (Some(libc::SIGXCPU), _) => Ended::LimitHit(Limit::CpuSeconds(limits.cpu_seconds)),
        (Some(libc::SIGXFSZ), _) => Ended::LimitHit(Limit::FileBytes(limits.file_bytes)),
        (Some(libc::SIGSYS), _) => Ended::SandboxViolation,
        // A child that ignores SIGXCPU is killed a few seconds of processor time later.
        (Some(libc::SIGKILL), _) if exit.cpu.as_secs() >= limits.cpu_seconds => {
            Ended::LimitHit(Limit::CpuSeconds(limits.cpu_seconds))
        }
        (Some(libc::SIGKILL), _) if machine_out_of_memory => Ended::OutOfMemory { machine: true },
        (_, Some(EXIT_OUT_OF_MEMORY)) => Ended::OutOfMemory { machine: false },
        (Some(signal), _) if started => Ended::Crashed { signal },
        (Some(signal), _) => Ended::NotStarted(format!("signal {signal}")),
        (None, code) if started => Ended::Vanished { exit_code: code.unwrap_or(-1) },
        (None, code) => Ended::NotStarted(format!("exit code {}", code.unwrap_or(-1))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::job::KindError;

    fn limits() -> Resources {
        Resources {
            memory_bytes: 1,
            cpu_seconds: 10,
            file_bytes: 1,
            open_files: 1,
            threads: 1,
            read_only: Vec::new(),
        }
    }

    fn exit(code: Option<i32>, signal: Option<i32>, cpu_seconds: u64) -> Exit {
        Exit { code, signal, cpu: Duration::from_secs(cpu_seconds), peak_rss_bytes: 0 }
    }

    fn said(result: Option<Result<Value, KindError>>) -> Transcript {
        let mut transcript = Transcript::default();
        transcript.started = true;
        transcript.result = result;
        transcript
    }

    fn told(transcript: Transcript, exit: Exit, stop: Option<Stop>, oom: bool) -> String {
        let circumstances = Circumstances { stop, machine_out_of_memory: oom };
        let ended = diagnose(transcript, exit, circumstances, &limits());
        ended.verdict().map_or_else(|| "done".to_owned(), |verdict| verdict.code)
    }

    #[test]
    fn a_result_counts_only_from_a_process_that_left_in_order() {
        assert_eq!(told(said(Some(Ok(Value::Null))), exit(Some(0), None, 1), None, false), "done");
        assert_eq!(told(said(Some(Ok(Value::Null))), exit(None, Some(11), 1), None, false), "crashed");
        assert_eq!(
            told(said(Some(Ok(Value::Null))), exit(None, Some(9), 1), Some(Stop::Lingering), false),
            "done"
        );
    }

    #[test]
    fn a_kill_is_named_by_its_cause() {
        assert_eq!(told(said(None), exit(None, Some(libc::SIGKILL), 12), None, false), "cpu_limit");
        assert_eq!(told(said(None), exit(None, Some(libc::SIGKILL), 1), None, true), "out_of_memory");
        assert_eq!(told(said(None), exit(None, Some(libc::SIGKILL), 1), None, false), "crashed");
    }

    #[test]
    fn what_the_worker_did_counts_before_how_the_child_left() {
        for exit in [exit(Some(0), None, 1), exit(None, Some(libc::SIGXCPU), 20)] {
            let late = Some(Ok(Value::Null));
            assert_eq!(told(said(late), exit, Some(Stop::Cancelled), false), "cancelled");
        }
    }

    #[test]
    fn a_child_that_ends_before_its_start_is_no_crash_of_the_job() {
        let ended = diagnose(
            Transcript::default(),
            exit(None, Some(libc::SIGSEGV), 0),
            Circumstances::default(),
            &limits(),
        );
        assert!(ended.verdict().is_some_and(|verdict| verdict.code == "not_started" && !verdict.crash));
    }
}
