//! When is the time for something over? By what the processor has worked for it: what comes out of a document must not depend
//! on what else the machine does meanwhile.

#![expect(unsafe_code, reason = "the clocks of threads and processes are asked of the C library")]

use std::cell::Cell;
use std::time::Duration;

use super::limits::DocumentLimits;

/// The share of `seconds` that a reader of a document of one page has, in twelfths: 25 of the 60 seconds of the default, so
/// that what was read can still be written.
const SHARE: u32 = 5;
/// The clock is looked at once in so many steps.
const STEPS: u32 = 256;

/// The end of some processor time.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    clock: libc::clockid_t,
    end: Duration,
}

impl Deadline {
    /// After so much work of this thread.
    pub fn of_thread(time: Duration) -> Self {
        Self::by(libc::CLOCK_THREAD_CPUTIME_ID, time)
    }

    /// After so much work of all threads of this process.
    pub fn of_process(time: Duration) -> Self {
        Self::by(libc::CLOCK_PROCESS_CPUTIME_ID, time)
    }

    fn by(clock: libc::clockid_t, time: Duration) -> Self {
        Self { clock, end: worked(clock).saturating_add(time) }
    }

    /// Leaves more time.
    pub fn extend(&mut self, time: Duration) {
        self.end = self.end.saturating_add(time);
    }

    /// Whether it is over. That of a thread is asked by that thread.
    pub fn is_over(&self) -> bool {
        worked(self.clock) >= self.end
    }
}

/// A deadline that is asked at every small step, by the thread that began it.
#[derive(Debug, Clone)]
pub struct Clock {
    until: Option<Deadline>,
    steps: Cell<u32>,
    is_over: Cell<bool>,
}

impl Clock {
    /// Begins to run, for a document with `limits`.
    pub fn new(limits: &DocumentLimits) -> Self {
        let time = Duration::from_secs(limits.seconds.into()) * SHARE / 12;
        Self { until: Some(Deadline::of_thread(time)), ..Self::never() }
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
        if self.until.is_some_and(|until| until.is_over()) {
            self.is_over.set(true);
        }
        self.is_over.get()
    }
}

fn worked(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it writes to the place that it is given, which lives through the call. Both clocks are there wherever Esteira runs;
    // without one, the time stays 0 and nothing is ever over, for which the worker's own limits stand.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    Duration::new(time.tv_sec.try_into().unwrap_or_default(), time.tv_nsec.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_comes_to_an_end_that_can_be_put_off() {
        let mut thread = Deadline::of_thread(Duration::from_millis(1));
        while !thread.is_over() {
            std::hint::black_box(worked(libc::CLOCK_THREAD_CPUTIME_ID));
        }
        assert!(Deadline::of_process(Duration::ZERO).is_over());
        thread.extend(Duration::from_secs(60));
        assert!(!thread.is_over());
    }

    #[test]
    fn a_clock_without_time_is_over_at_once_and_stays_so() {
        let clock = Clock::new(&DocumentLimits { seconds: 0, ..DocumentLimits::default() });
        assert!((0..3).all(|_| clock.is_over()));
        assert!(!Clock::new(&DocumentLimits::default()).is_over() && !Clock::never().is_over());
    }
}
