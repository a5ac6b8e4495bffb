//! How long may a document of one page be read? Less than a document may take, so that what was read can still be written.
//!
//! What counts is the time that the reader has computed: on a machine that is busy, a document is read as far as on an idle one.

#![expect(unsafe_code, reason = "the clock of a thread is asked of the C library")]

use std::cell::Cell;
use std::time::Duration;

use super::limits::DocumentLimits;

/// The share of `seconds` that a reader has, in twelfths: 25 of the 60 seconds of the default.
const SHARE: u32 = 5;
/// The clock is looked at once in so many steps.
const STEPS: u32 = 256;

/// A clock that is asked at every small step, by the thread that began it.
#[derive(Debug, Clone)]
pub struct Clock {
    until: Option<Duration>,
    steps: Cell<u32>,
    is_over: Cell<bool>,
}

impl Clock {
    /// Begins to run, for a document with `limits`.
    pub fn new(limits: &DocumentLimits) -> Self {
        let time = Duration::from_secs(limits.seconds.into()) * SHARE / 12;
        Self { until: Some(computed().saturating_add(time)), ..Self::never() }
    }

    /// One that is never over: that of a part of what another one runs for.
    pub fn never() -> Self {
        Self { until: None, steps: Cell::new(0), is_over: Cell::new(false) }
    }

    /// Whether the time was over at some step.
    pub fn was_over(&self) -> bool {
        self.is_over.get()
    }

    /// Takes a step; yes when the time is over.
    pub fn is_over(&self) -> bool {
        let steps = self.steps.get().wrapping_add(1);
        self.steps.set(steps);
        if steps % STEPS == 1 { self.is_late() } else { self.is_over.get() }
    }

    /// Looks at the clock before a long step; yes when the time is over.
    pub fn is_late(&self) -> bool {
        if self.until.is_some_and(|until| computed() >= until) {
            self.is_over.set(true);
        }
        self.is_over.get()
    }
}

/// How long this thread has computed.
pub fn computed() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the C library fills the two numbers, which live through the call.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec.try_into().unwrap_or_default(), time.tv_nsec.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_without_time_is_over_at_once_and_stays_so() {
        let clock = Clock::new(&DocumentLimits { seconds: 0, ..DocumentLimits::default() });
        assert!((0..3).all(|_| clock.is_over()));
        assert!(!Clock::new(&DocumentLimits::default()).is_over() && !Clock::never().is_over());
    }
}
