//! What becomes of a job after an attempt? A pure decision.

use std::time::Duration;

use super::{JobState, RetryPolicy};

/// How an attempt ended, as far as the decision cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEnd {
    /// The kind returned.
    Succeeded,
    /// The kind failed, or its time ran out.
    Failed {
        /// Whether another attempt could end otherwise.
        retryable: bool,
    },
    /// The process died under the job: a signal, no memory, a lost worker.
    Crashed,
    /// Somebody asked for the end.
    Cancelled,
    /// The worker shuts down and hands the job back.
    Released,
    /// The kind has to wait for somebody else, and gives its slot back meanwhile.
    Snoozed(Duration),
}

/// What the counters of a job say when an attempt ends.
#[derive(Debug, Clone, Copy)]
pub struct Counters {
    /// This attempt's number, from 1.
    pub attempt: i16,
    /// How many there may be.
    pub max_attempts: i16,
    /// Crashes before this attempt.
    pub crashes: i16,
}

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The job is `succeeded`.
    Succeed,
    /// The job is `failed`.
    Fail,
    /// The job is `cancelled`.
    Cancel,
    /// The job is `scheduled` again, after a delay.
    Retry(Duration),
    /// The job is `scheduled` again, after a delay, and this attempt does not count: it only waits for somebody else.
    Snooze(Duration),
    /// The job is `queued` again at once, and this attempt does not count.
    Release,
}

impl Decision {
    /// The state in which the job ends, if it does.
    #[must_use]
    pub(crate) fn end(self) -> Option<JobState> {
        match self {
            Self::Succeed => Some(JobState::Succeeded),
            Self::Fail => Some(JobState::Failed),
            Self::Cancel => Some(JobState::Cancelled),
            Self::Retry(_) | Self::Snooze(_) | Self::Release => None,
        }
    }
}

/// A job that takes its process down this often ends `failed`: it is likelier at fault than the worker.
pub const MAX_CRASHES: i16 = 3;

/// Decides; `draw` in `0.0..1.0` is the jitter.
#[must_use]
pub fn decide(end: AttemptEnd, counters: Counters, policy: &RetryPolicy, draw: f64) -> Decision {
    let attempts_left = counters.attempt < counters.max_attempts;
    let delay = || policy.delay(u16::try_from(counters.attempt).unwrap_or(1), draw);
    match end {
        AttemptEnd::Succeeded => Decision::Succeed,
        AttemptEnd::Cancelled => Decision::Cancel,
        AttemptEnd::Released => Decision::Release,
        AttemptEnd::Snoozed(delay) => Decision::Snooze(delay),
        AttemptEnd::Failed { retryable } if retryable && attempts_left => Decision::Retry(delay()),
        AttemptEnd::Crashed if counters.crashes + 1 < MAX_CRASHES && attempts_left => {
            Decision::Retry(delay())
        }
        AttemptEnd::Failed { .. } | AttemptEnd::Crashed => Decision::Fail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy { base_ms: 1_000, cap_ms: 60_000 };

    fn counters(attempt: i16, crashes: i16) -> Counters {
        Counters { attempt, max_attempts: 5, crashes }
    }

    #[test]
    fn a_bad_input_is_never_tried_again() {
        let end = AttemptEnd::Failed { retryable: false };
        assert_eq!(decide(end, counters(1, 0), &POLICY, 0.5), Decision::Fail);
    }

    #[test]
    fn a_passing_failure_is_tried_again_until_the_attempts_are_used() {
        let end = AttemptEnd::Failed { retryable: true };
        assert_eq!(decide(end, counters(1, 0), &POLICY, 1.0), Decision::Retry(Duration::from_secs(1)));
        assert_eq!(decide(end, counters(4, 0), &POLICY, 1.0), Decision::Retry(Duration::from_secs(8)));
        assert_eq!(decide(end, counters(5, 0), &POLICY, 1.0), Decision::Fail);
    }

    #[test]
    fn the_third_crash_ends_the_job() {
        assert!(matches!(decide(AttemptEnd::Crashed, counters(2, 1), &POLICY, 0.0), Decision::Retry(_)));
        assert_eq!(decide(AttemptEnd::Crashed, counters(3, 2), &POLICY, 0.0), Decision::Fail);
    }

    #[test]
    fn a_release_hands_back_even_the_last_attempt() {
        assert_eq!(decide(AttemptEnd::Released, counters(5, 0), &POLICY, 0.0), Decision::Release);
    }
}
