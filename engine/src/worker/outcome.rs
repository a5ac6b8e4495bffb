//! What does an attempt's end mean for its job? From the child's end, or the engine's own trouble.

use rand::Rng;

use super::roster::StopReason;
use crate::child::{Ended, Ending};
use crate::job::{AttemptEnd, JobError, KindError, RetryPolicy, Step, decide};
use crate::queue::{Lease, Outcome, Usage};

/// The outcome of an attempt whose child ended otherwise than with a result.
pub(super) fn of_ending(
    ending: &Ending,
    lease: &Lease,
    stopped: Option<StopReason>,
    policy: &RetryPolicy,
) -> Outcome {
    let verdict = ending.ended.verdict();
    let end = match (&ending.ended, stopped, &verdict) {
        (Ended::Cancelled, Some(StopReason::Cancelled), _) => AttemptEnd::Cancelled,
        // A lease that was lost can settle nothing, or so it seems from here: where the queue counts it as ours after
        // all, or nobody has taken the job yet, it goes back. Nobody has asked for its end.
        (Ended::Cancelled, _, _) => AttemptEnd::Released,
        (_, _, Some(verdict)) if verdict.crash => AttemptEnd::Crashed,
        (_, _, Some(verdict)) => AttemptEnd::Failed { retryable: verdict.retryable },
        (_, _, None) => AttemptEnd::Succeeded,
    };
    let error = verdict.map(|verdict| (verdict.code, verdict.message, verdict.retryable));
    outcome(end, error, lease, policy, usage(ending))
}

/// The outcome of an attempt that failed outside its child.
pub(super) fn of_failure(error: KindError, lease: &Lease, policy: &RetryPolicy, usage: Usage) -> Outcome {
    let end = AttemptEnd::Failed { retryable: error.retryable };
    outcome(end, Some((error.code, error.message, error.retryable)), lease, policy, usage)
}

/// The outcome of a step of work in the worker.
pub(super) fn of_step(step: Step, lease: &Lease, policy: &RetryPolicy) -> Outcome {
    let (end, output) = match step {
        Step::Done(output) => (AttemptEnd::Succeeded, Some(output)),
        Step::Snooze(delay) => (AttemptEnd::Snoozed(delay), None),
    };
    Outcome { output, ..outcome(end, None, lease, policy, Usage::default()) }
}

/// The outcome of an attempt that was stopped before its child began.
pub(super) fn of_stop(reason: StopReason, lease: &Lease, policy: &RetryPolicy) -> Outcome {
    let end = match reason {
        StopReason::Cancelled => AttemptEnd::Cancelled,
        StopReason::Shutdown | StopReason::LeaseLost => AttemptEnd::Released,
    };
    outcome(end, None, lease, policy, Usage::default())
}

/// The outcome of an attempt in which the worker itself failed.
pub(super) fn of_breakdown(lease: &Lease, policy: &RetryPolicy) -> Outcome {
    let error = ("internal".to_owned(), "the worker failed in the middle of the attempt".to_owned(), true);
    outcome(AttemptEnd::Crashed, Some(error), lease, policy, Usage::default())
}

/// What a child used, for the attempt's row.
pub(super) fn usage(ending: &Ending) -> Usage {
    Usage { cpu_seconds: ending.usage.cpu.as_secs_f64(), peak_bytes: ending.usage.peak_rss_bytes }
}

fn outcome(
    end: AttemptEnd,
    error: Option<(String, String, bool)>,
    lease: &Lease,
    policy: &RetryPolicy,
    usage: Usage,
) -> Outcome {
    let attempt = lease.counters.attempt;
    let ended_as = match end {
        AttemptEnd::Succeeded => "succeeded",
        AttemptEnd::Failed { .. } => "failed",
        AttemptEnd::Crashed => "crashed",
        AttemptEnd::Cancelled => "cancelled",
        AttemptEnd::Released => "released",
        AttemptEnd::Snoozed(_) => "snoozed",
    };
    // Who asked for the end knows why; a hand-over is no error of the job.
    let error = match end {
        AttemptEnd::Cancelled | AttemptEnd::Released | AttemptEnd::Snoozed(_) => None,
        _ => error.map(|(code, message, retryable)| JobError { code, message, retryable, attempt }),
    };
    let decision = decide(end, lease.counters, policy, rand::rng().random());
    Outcome { error, usage, ..Outcome::new(decision, ended_as) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;

    use super::*;
    use crate::child::Usage as ChildUsage;
    use crate::id::{JobId, TenantId, WorkerId};
    use crate::job::{Counters, Decision};
    use crate::queue::Wait;

    fn stopped(reason: Option<StopReason>) -> Decision {
        let lease = Lease {
            job: JobId::new(),
            tenant: TenantId(1),
            kind: "test.noop".to_owned(),
            worker: WorkerId::new(),
            lease: 1,
            counters: Counters { attempt: 1, max_attempts: 1, crashes: 0 },
            timeout: Duration::from_secs(1),
            ready_at: DateTime::UNIX_EPOCH,
            wait: Wait::default(),
            trace: None,
        };
        let ending = Ending { ended: Ended::Cancelled, usage: ChildUsage::default(), stderr: String::new() };
        of_ending(&ending, &lease, reason, &RetryPolicy::default()).decision
    }

    #[test]
    fn only_a_job_whose_end_was_asked_for_ends_cancelled() {
        assert_eq!(stopped(Some(StopReason::Cancelled)), Decision::Cancel);
        for reason in [Some(StopReason::Shutdown), Some(StopReason::LeaseLost), None] {
            assert_eq!(stopped(reason), Decision::Release, "{reason:?}");
        }
    }
}
